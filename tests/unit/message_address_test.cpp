#include "message/address.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using gateway::message::address;
using gateway::message::format;
using gateway::message::parse_address;
using gateway::message::pattern;

TEST_CASE("address: the usual forms are read and written as people write them") {
    struct {
        const char* text;
        address value;
    } const table[] = {
        {"tg:-1001234", {"tg", "-1001234", ""}},
        {"tg:-1001234/7", {"tg", "-1001234", "7"}},
        {"mx:!room:example.org", {"mx", "!room:example.org", ""}},
        {"irc:#gateway", {"irc", "#gateway", ""}},
        {"web:https:%2F%2Fexample.org%2Fhook", {"web", "https://example.org/hook", ""}},
        {"dc:1/a/b", {"dc", "1", "a/b"}},
        {"x:100%25%2A", {"x", "100%*", ""}},
        {"échange:été/ü", {"échange", "été", "ü"}},
    };
    for (const auto& row : table) {
        CAPTURE(row.text);
        const auto read = parse_address(row.text);
        REQUIRE(read.has_value());
        CHECK(*read == row.value);
        CHECK(format(row.value) == row.text);
    }
    CHECK(*parse_address("tg:a%2fb%41") == address{"tg", "a/bA", ""});
}

TEST_CASE("address: what is not one is refused with a sentence that says why") {
    struct {
        const char* text;
        const char* why;
    } const table[] = {
        {"", "no instance before a ':'"},
        {"tg", "no instance before a ':'"},
        {":chat", "no instance before a ':'"},
        {"tg:", "no chat after the ':'"},
        {"tg:/7", "no chat after the ':'"},
        {"tg:1/", "no thread after the '/'"},
        {"tg:*", "write %2A"},
        {"tg:1/*", "write %2A"},
        {"tg:50%", "write %25"},
        {"tg:50%2", "write %25"},
        {"tg:50%zz", "write %25"},
        {"t/g:1", "in the instance's name"},
    };
    for (const auto& row : table) {
        CAPTURE(row.text);
        const auto read = parse_address(row.text);
        REQUIRE(read.has_error());
        CHECK_MESSAGE(read.error().find(row.why) != std::string::npos, read.error());
        CHECK(read.error().starts_with('"' + std::string(row.text) + '"'));
    }
}

TEST_CASE("address: reading what was written gives the same address, whatever bytes the platform's ids hold") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    constexpr std::string_view frequent = "%/*:a2F";
    auto some = [&](std::size_t least) {
        std::string text(least + random() % 6, '\0');
        for (auto& byte : text) {
            byte = random() % 2 == 0 ? frequent[random() % frequent.size()] : static_cast<char>(random() % 256);
        }
        return text;
    };
    for (int i = 0; i < 20'000; ++i) {
        const address value{"tg", some(1), some(0)};
        const auto text = format(value);
        const auto read = parse_address(text);
        REQUIRE_MESSAGE(read.has_value(), text);
        REQUIRE(*read == value);
        REQUIRE_FALSE(pattern::parse(text)->is_prefix());
    }
}

TEST_CASE("pattern: what each form matches") {
    struct {
        const char* text;
        address value;
        bool matches;
    } const table[] = {
        {"*", {"tg", "1", ""}, true},
        {"*", {"dc", "2", "3"}, true},
        {"tg:*", {"tg", "1", ""}, true},
        {"tg:*", {"tg", "1", "7"}, true},
        {"tg:*", {"tg2", "1", ""}, false},
        {"tg*", {"tg2", "1", ""}, true},
        {"tg*", {"dc", "1", ""}, false},
        {"tg:-100*", {"tg", "-1001234", "7"}, true},
        {"tg:-100*", {"tg", "1001234", ""}, false},
        {"tg:-1001234", {"tg", "-1001234", ""}, true},
        {"tg:-1001234", {"tg", "-1001234", "7"}, true},
        {"tg:-1001234", {"tg", "-10012345", ""}, false},
        {"tg:-1001234", {"dc", "-1001234", ""}, false},
        {"tg:-1001234/7", {"tg", "-1001234", "7"}, true},
        {"tg:-1001234/7", {"tg", "-1001234", "8"}, false},
        {"tg:-1001234/7", {"tg", "-1001234", ""}, false},
        {"tg:-1001234/*", {"tg", "-1001234", "7"}, true},
        {"tg:-1001234/*", {"tg", "-1001234", ""}, false},
        {"tg:-1001234/7*", {"tg", "-1001234", "70"}, true},
        {"tg:-1001234/7*", {"tg", "-1001234", "60"}, false},
        {"mx:!a:*", {"mx", "!a:example.org", ""}, true},
        {"web:a%2fb*", {"web", "a/bc", ""}, true},
        {"web:a%2Fb*", {"web", "a", "bc"}, false},
        {"x:%2A", {"x", "*", ""}, true},
        {"x:%2A", {"x", "y", ""}, false},
        {"x:%2A*", {"x", "*y", ""}, true},
        {"x:%2A*", {"x", "y", ""}, false},
    };
    for (const auto& row : table) {
        CAPTURE(row.text);
        CAPTURE(format(row.value));
        const auto read = pattern::parse(row.text);
        REQUIRE_MESSAGE(read.has_value(), read.error());
        CHECK(read->matches(row.value) == row.matches);
    }
}

TEST_CASE("pattern: what is not one is refused with a sentence") {
    for (const char* text : {"", "tg", "tg:", "tg:*1", "tg:**", "**", "t/g*", "tg:1/", "tg:%*", "tg:%4*"}) {
        CAPTURE(text);
        CHECK(pattern::parse(text).has_error());
    }
}
