#include "log/flood_limit.hpp"

#include <doctest/doctest.h>

using gateway::log::flood_limit;
using std::chrono::milliseconds;

namespace {
const flood_limit::time_point start{std::chrono::hours{5}};
}

TEST_CASE("flood limit: lines within the bound pass and nothing is reported") {
    flood_limit limit{3};
    for (int i = 0; i < 3; ++i) {
        const auto verdict = limit.admit(start);
        CHECK(verdict.pass);
        CHECK(verdict.suppressed == 0);
    }
}

TEST_CASE("flood limit: what exceeds the bound is dropped and reported once, with the next second's first line") {
    flood_limit limit{3};
    for (int i = 0; i < 10; ++i) {
        limit.admit(start + milliseconds{i * 10});
    }
    CHECK_FALSE(limit.admit(start + milliseconds{999}).pass);
    const auto next = limit.admit(start + milliseconds{1000});
    CHECK(next.pass);
    CHECK(next.suppressed == 8);
    CHECK(limit.admit(start + milliseconds{1001}).suppressed == 0);
}

TEST_CASE("flood limit: what was dropped last is still told when the instance goes away") {
    flood_limit limit{1};
    limit.admit(start);
    limit.admit(start);
    CHECK(limit.take_suppressed() == 1);
    CHECK(limit.take_suppressed() == 0);
}

TEST_CASE("flood limit: a clock that stands before the window does not block") {
    flood_limit limit{1};
    limit.admit(start);
    CHECK(limit.admit(start - milliseconds{5}).pass);
}
