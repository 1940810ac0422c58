// How often an instance may hang before it is kept away, and for how long.

#include "instance/hang_log.hpp"

#include <doctest/doctest.h>

#include <string>

using gateway::instance::hang_log;
using namespace std::chrono_literals;

namespace {
constexpr gateway::loop::time_point start{1000h};
}

TEST_CASE("hangs: an instance that hung three times within an hour is kept away until the first is an hour old") {
    hang_log log;
    CHECK_FALSE(log.objection("bad", "module", start));
    log.add("bad", "module", start);
    log.add("bad", "module", start + 10min);
    CHECK_FALSE(log.objection("bad", "module", start + 20min));
    log.add("bad", "module", start + 20min);
    CHECK(log.objection("bad", "module", start + 20min)->find("the instance hung 3 times") == 0);
    CHECK(log.objection("bad", "module", start + 1h - 1ms));
    CHECK_FALSE(log.objection("bad", "module", start + 1h));
}

TEST_CASE("hangs: another instance of the module is not kept away for one that hangs") {
    hang_log log;
    for (int i = 0; i < 3; ++i) {
        log.add("bad", "module", start);
    }
    CHECK(log.objection("bad", "module", start));
    CHECK_FALSE(log.objection("well", "module", start));
    CHECK_FALSE(log.objection("bad", "another", start));
}

TEST_CASE("hangs: a module that hangs in one instance after the other is not risked with yet another") {
    hang_log log;
    for (unsigned i = 0; i < hang_log::per_module; ++i) {
        CHECK_FALSE(log.objection("well", "module", start));
        log.add("bad" + std::to_string(i), "module", start);
    }
    CHECK(log.objection("well", "module", start)->find("module module hung 32 times") == 0);
    CHECK_FALSE(log.objection("well", "another", start));
    log.add("bad", "another", start + 1h);
    CHECK_FALSE(log.objection("well", "module", start + 1h));
}
