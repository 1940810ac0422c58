// The instance's table: what is taken, and what is said about the rest.
#include "telegram_config.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;

namespace {

std::string complaint(std::string_view json) {
    try {
        (void)parse_config(json);
    } catch (const sdk::config_error& wrong) {
        return wrong.what();
    }
    return "";
}

}  // namespace

TEST_CASE("telegram: a token is enough") {
    const config made = parse_config(R"({"token":"123456:ABC-def_7890123456"})");
    CHECK(made.base_url == "https://api.telegram.org/bot123456:ABC-def_7890123456/");
    CHECK(made.secret() == "ABC-def_7890123456");
    CHECK_FALSE(made.addressed_only);
    CHECK_FALSE(made.chat_members);
    CHECK(made.poll_timeout == 50s);
    CHECK(made.http == sdk::http_version::automatic);
}

TEST_CASE("telegram: all keys") {
    const config made = parse_config(
        R"({"token":"1:a","api_root":"http://127.0.0.1:8081/api//","poll_timeout":"20s","http":"2-prior-knowledge"})");
    CHECK(made.base_url == "http://127.0.0.1:8081/api/bot1:a/");
    CHECK(made.secret() == "1:a");  // half of it would be too short to recognise
    CHECK(made.poll_timeout == 20s);
    CHECK(made.http == sdk::http_version::http2_prior_knowledge);
    CHECK(parse_config(R"({"token":"1:a","groups":"addressed"})").addressed_only);
    CHECK_FALSE(parse_config(R"({"token":"1:a","groups":"all"})").addressed_only);
    CHECK(parse_config(R"({"token":"1:a","chat_members":true})").chat_members);
    CHECK(parse_config(R"({"token":"1:a","http":"1"})").http == sdk::http_version::http1);
    CHECK(parse_config(R"({"token":"1:a","http":"2"})").http == sdk::http_version::http2);
}

TEST_CASE("telegram: a key that cannot be used is named with what would be right, never with its value") {
    for (const char* token : {"", "SeCrEt", "SeCrEt:SeCrEt", "123:", ":SeCrEt", "123:Se CrEt", "123:Se/CrEt",
                              "12a:SeCrEt", "123:SeCrEt\\n", "123:SeCrEt:x"}) {
        const std::string said = complaint(R"({"token":")" + std::string(token) + "\"}");
        CAPTURE(token);
        CHECK(said.starts_with("token: "));
        CHECK(said.find("SeCrEt") == std::string::npos);
    }
    CHECK(complaint("{}").starts_with("token: "));
    CHECK(complaint(R"({"token":5})").starts_with("token: "));
    CHECK(complaint(R"({"token":"1:)" + std::string(300, 'a') + "\"}").starts_with("token: "));
    for (const char* root : {"", "api.telegram.org", "ftp://x", "https://", "http://a b", "http://a?b", "http://a#b",
                             "http://user:SeCrEt@host"}) {
        const std::string said = complaint(R"({"token":"1:a","api_root":")" + std::string(root) + "\"}");
        CAPTURE(root);
        CHECK(said.starts_with("api_root: "));
        CHECK(said.find("SeCrEt") == std::string::npos);
    }
    for (const char* timeout : {"0s", "51s", "1m", "1500ms", "500ms", "soon", "-5s"}) {
        CAPTURE(timeout);
        CHECK(complaint(R"({"token":"1:a","poll_timeout":")" + std::string(timeout) + "\"}")
                  .starts_with("poll_timeout: "));
    }
    CHECK(complaint(R"({"token":"1:a","http":"3"})").starts_with("http: "));
    CHECK(complaint(R"({"token":"1:a","groups":"some"})").starts_with("groups: "));
    CHECK(complaint(R"({"token":"1:a","chat_members":"yes"})").starts_with("chat_members: "));
    CHECK(complaint("[]") == "config: is no JSON object");
    CHECK(complaint("{") == "config: is no JSON object");
}
