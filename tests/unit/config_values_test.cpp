#include "config/complaint.hpp"
#include "config/duration.hpp"
#include "config/names.hpp"

#include <doctest/doctest.h>

using namespace gateway::config;
using std::chrono::milliseconds;

namespace {

std::string wrong(std::string_view text) {
    const auto parsed = parse_duration(text);
    REQUIRE(parsed.has_error());
    const std::string all = parsed.error().text;
    return all.substr(0, all.find(';'));
}

}  // namespace

TEST_CASE("duration: a whole number with a unit") {
    CHECK(*parse_duration("250ms") == milliseconds{250});
    CHECK(*parse_duration("0s") == milliseconds{0});
    CHECK(*parse_duration("30s") == milliseconds{30'000});
    CHECK(*parse_duration("5m") == milliseconds{300'000});
    CHECK(*parse_duration("1h") == milliseconds{3'600'000});
    CHECK(*parse_duration("7d") == milliseconds{604'800'000});
    CHECK(*parse_duration("365d") == longest_duration);
}

TEST_CASE("duration: everything else is explained") {
    CHECK(wrong("") == "is an empty duration");
    CHECK(wrong("30") == "is a number without a unit");
    CHECK(wrong("-1s") == "is a negative duration");
    CHECK(wrong("1.5s") == "is a duration with a fraction");
    CHECK(wrong("1x") == "has an unknown unit");
    CHECK(wrong("1 s") == "has an unknown unit");
    CHECK(wrong("1m30s") == "has an unknown unit");
    CHECK(wrong("1S") == "has an unknown unit");
    CHECK(wrong(" 1s") == "is not a duration");
    CHECK(wrong("+1s") == "is not a duration");
    CHECK(wrong("soon") == "is not a duration");
    CHECK(wrong("366d") == "is longer than 365 days");
    CHECK(wrong("9223372036854775807d") == "is longer than 365 days");
    CHECK(wrong("99999999999999999999s") == "is longer than 365 days");
}

TEST_CASE("duration: it is written in the largest unit that divides it") {
    using std::chrono::milliseconds;
    CHECK(to_text(milliseconds{0}) == "0s");
    CHECK(to_text(milliseconds{1'500}) == "1500ms");
    CHECK(to_text(milliseconds{90'000}) == "90s");
    CHECK(to_text(milliseconds{3'600'000}) == "1h");
    CHECK(to_text(longest_duration) == "365d");
}

TEST_CASE("suggestion: the nearest name, or all of them when none is near") {
    CHECK(suggestion("tokn", {"api_root", "token"}) == "; did you mean 'token'?");
    CHECK(suggestion("tkoen", {"api_root", "token"}) == "; did you mean 'token'?");
    CHECK(suggestion("api-root", {"api_root", "token"}) == "; did you mean 'api_root'?");
    CHECK(suggestion("x", {"y"}) == "; known here is 'y'");
    CHECK(suggestion("zzzzzz", {"b", "a", "c"}) == "; known here are 'a', 'b' and 'c'");
    CHECK(suggestion("zzzzzz", {}).empty());
    CHECK(suggestion(std::string(100'000, 'x'), {"token"}) == "; known here is 'token'");
    std::vector<std::string> many;
    for (char c = 'a'; c <= 'z'; ++c) {
        many.push_back(std::string(1, c));
    }
    CHECK(suggestion("zzzzzz", many) ==
          "; known here are 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l' and others");
}

TEST_CASE("complaint: file, line, column, key and text on one printable line") {
    CHECK(to_string(complaint{"gateway.toml", {12, 9}, "adapters.tg.tokn", "unknown key"}) ==
          "gateway.toml:12:9: adapters.tg.tokn: unknown key");
    CHECK(to_string(complaint{"gateway.toml", {}, "", "does not exist"}) == "gateway.toml: does not exist");
    CHECK(to_string(complaint{"a\nb", {1, 1}, "k\x1b", "t"}) == "a\\nb:1:1: k\\u001b: t");
}

TEST_CASE("complaint: keys are quoted where TOML would need it") {
    CHECK(join_key("", "a") == "a");
    CHECK(join_key("a", "b-c_1") == "a.b-c_1");
    CHECK(join_key("a.chats", "-100/7") == "a.chats.\"-100/7\"");
    CHECK(join_key("a", "q\"\\") == "a.\"q\\\"\\\\\"");
    CHECK(join_key("a", "") == "a.\"\"");
}

TEST_CASE("proxy: the password is what stands between the user's ':' and the last '@'") {
    CHECK(proxy_password("http://u:p@ss@h:1") == "p@ss");
    CHECK(proxy_password("http://u@h:1").empty());
    CHECK(proxy_password("http://h:1").empty());
}
