// The table that gatewayctl prints.

#include "ctl/table.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <string>

namespace {

using gateway::ctl::span_text;
using gateway::ctl::status_table;

constexpr std::int64_t noon_ms = 1'769'860'800'000;  // 2026-01-31T12:00:00Z

std::string table_of(const char* adapters) {
    return status_table(boost::json::parse(adapters).as_array(), noon_ms);
}

}  // namespace

TEST_CASE("ctl table: a span is its two largest units") {
    CHECK(span_text(0) == "0s");
    CHECK(span_text(1) == "1s");
    CHECK(span_text(59'000) == "59s");
    CHECK(span_text(200'000) == "3m 20s");
    CHECK(span_text(7'500'000) == "2h 5m");
    CHECK(span_text(356'400'000) == "4d 3h");
}

TEST_CASE("ctl table: each column is as wide as what stands in it, and says state, since, retry and reason") {
    CHECK(table_of(R"([
        {"name":"tg","plugin":"telegram","version":"1.0.0","state":"waiting","since":"2026-01-31T11:59:00.000Z",
         "attempts":2,"next_retry_ms":30000,"pending":7,
         "failure":{"class":"transient","code":"dns","text":"no such host"}},
        {"name":"echo","plugin":"stub","version":"","state":"online","since":"2026-01-31T10:00:00.000Z",
         "attempts":0,"next_retry_ms":null,"pending":0,"failure":null}])") ==
          "NAME  PLUGIN          STATE    SINCE  ATTEMPTS  RETRY   PENDING  REASON\n"
          "tg    telegram 1.0.0  waiting  1m 0s  2         in 30s  7        transient:dns no such host\n"
          "echo  stub            online   2h 0m  0         -       0\n");
}

TEST_CASE("ctl table: a retry that is due says now, and a clock that went back shows no negative span") {
    const auto table = table_of(
        R"([{"name":"a","plugin":"p","state":"waiting","since":"2026-01-31T12:00:05.000Z","next_retry_ms":0}])");
    CHECK(table.find(" 0s ") != std::string::npos);
    CHECK(table.find(" now ") != std::string::npos);
}

TEST_CASE("ctl table: what a platform said does not steer the terminal, and what is missing is left out") {
    const auto table =
        table_of(R"([{"name":"a\u001b[2J","failure":{"class":"auth","code":"x","text":"\r\u007f"}}, 5])");
    CHECK(table.find('\x1b') == std::string::npos);
    CHECK(table.find('\r') == std::string::npos);
    CHECK(table.find("a?[2J") != std::string::npos);
    CHECK(table.find("auth:x ??") != std::string::npos);
}
