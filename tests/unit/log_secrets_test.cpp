#include "log/secrets.hpp"

#include <doctest/doctest.h>

#include <string>

using gateway::log::secret_registry;

TEST_CASE("secrets: every occurrence of a registered value is replaced") {
    secret_registry registry;
    CHECK(registry.add("hunter22"));
    CHECK(registry.redact("hunter22 and hunter22hunter22!") == "[secret] and [secret][secret]!");
    CHECK(registry.redact("hunter2") == "hunter2");
    CHECK(registry.redact("") == "");
}

TEST_CASE("secrets: too short and too long values are refused") {
    secret_registry registry;
    CHECK_FALSE(registry.add("abc"));
    CHECK(registry.add("abcd"));
    CHECK_FALSE(registry.add(std::string(secret_registry::max_bytes + 1, 'x')));
    CHECK(registry.redact("abc abcd") == "abc [secret]");
}

TEST_CASE("secrets: the longer of two that begin alike is replaced whole") {
    secret_registry registry;
    registry.add("token-1");
    registry.add("token-1-and-more");
    CHECK(registry.redact("token-1-and-more token-1-and") == "[secret] [secret]-and");
}

TEST_CASE("secrets: percent- and form-encoded forms are replaced") {
    secret_registry registry;
    registry.add("a b/c:d?\xC3\xA9!");
    CHECK(registry.redact("x=a%20b%2Fc%3Ad%3F%C3%A9%21&") == "x=[secret]&");
    CHECK(registry.redact("x=a%20b%2fc%3ad%3f%c3%a9%21&") == "x=[secret]&");
    CHECK(registry.redact("x=a%20b%2Fc%3Ad%3F%C3%A9!&") == "x=[secret]&");
    CHECK(registry.redact("/a%20b%2Fc:d%3F%C3%A9!/") == "/[secret]/");
    CHECK(registry.redact("x=a+b%2Fc%3Ad%3F%C3%A9%21&") == "x=[secret]&");
}

TEST_CASE("secrets: JSON-escaped forms are replaced") {
    secret_registry registry;
    registry.add("q\"uo\\te/\n\x01");
    CHECK(registry.redact(R"("q\"uo\\te/\n\u0001")") == R"("[secret]")");
    CHECK(registry.redact(R"("q\"uo\\te\/\n\u0001")") == R"("[secret]")");
}

TEST_CASE("secrets: base64 is replaced at each alignment and in both alphabets") {
    secret_registry registry;
    registry.add("s3cr3t>>>???value");
    // "s3cr3t>>>???value", "u:s3cr3t>>>???value", "us:s3cr3t>>>???value", then the URL alphabet.
    CHECK(registry.redact("Basic czNjcjN0Pj4+Pz8/dmFsdWU=") == "Basic [secret]U=");
    CHECK(registry.redact("Basic dTpzM2NyM3Q+Pj4/Pz92YWx1ZQ==") == "Basic dTp[secret]Q==");
    CHECK(registry.redact("Basic dXM6czNjcjN0Pj4+Pz8/dmFsdWU=") == "Basic dXM6[secret]U=");
    CHECK(registry.redact("x=czNjcjN0Pj4-Pz8_dmFsdWU") == "x=[secret]U");
}

TEST_CASE("secrets: Telegram-shaped tokens are replaced though nobody registered them") {
    const secret_registry registry;
    const std::string token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    CHECK(registry.redact("https://h/bot" + token + "/getMe") == "https://h/bot[secret]/getMe");
    CHECK(registry.redact("token=" + token + " x") == "token=[secret] x");
    CHECK(registry.redact("123456789%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw") == "[secret]");
    CHECK(registry.redact("at 12:30:45, tg:-1001234/7, a:b") == "at 12:30:45, tg:-1001234/7, a:b");
    CHECK(registry.redact("12:aaaaaaaaaaaaaaaaaaaaaaaaaaaaa") == "12:aaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

TEST_CASE("secrets: binary text passes through unharmed") {
    secret_registry registry;
    registry.add("hunter22");
    const std::string text{"\0\xFF\0hunter22\0", 12};
    CHECK(registry.redact(text) == std::string{"\0\xFF\0[secret]\0", 12});
}

TEST_CASE("secrets: ten thousand secrets that begin alike are all replaced") {
    secret_registry registry;
    for (int i = 0; i < 10'000; ++i) {
        registry.add(std::string{"xoxb-"}.append(std::to_string(i)).append("-end"));
    }
    CHECK(registry.redact("a xoxb-0-end b xoxb-9999-end c xoxb-10000-end") == "a [secret] b [secret] c xoxb-10000-end");
}
