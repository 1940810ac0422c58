#include "loop/call_guard.hpp"

#include <doctest/doctest.h>

using gateway::loop::call_guard;

TEST_CASE("call guard: a call runs from begin to end, and each has a number of its own") {
    call_guard guard;
    CHECK(guard.running() == 0);
    guard.begin();
    const auto first = guard.running();
    CHECK(first != 0);
    guard.end();
    CHECK(guard.running() == 0);
    guard.begin();
    CHECK(guard.running() != first);
    guard.end();
}

TEST_CASE("call guard: a call that ended cannot be abandoned") {
    call_guard guard;
    guard.begin();
    const auto call = guard.running();
    guard.end();
    CHECK_FALSE(guard.abandon(call));
}

TEST_CASE("call guard: an earlier call's number does not abandon the running one") {
    call_guard guard;
    guard.begin();
    const auto earlier = guard.running();
    guard.end();
    guard.begin();
    CHECK_FALSE(guard.abandon(earlier));
    guard.end();
}

TEST_CASE("call guard: a call is not abandoned while it is inside a host function") {
    call_guard guard;
    guard.begin();
    const auto call = guard.running();
    {
        const call_guard::host_scope in_host(guard);
        CHECK(guard.running() == call);
        CHECK_FALSE(guard.abandon(call));
    }
    guard.end();
    CHECK(guard.running() == 0);
}

TEST_CASE("call guard: an abandoned call is over, once") {
    call_guard guard;
    guard.begin();
    const auto call = guard.running();
    CHECK(guard.abandon(call));
    CHECK_FALSE(guard.abandon(call));
    CHECK(guard.running() == 0);
    // Whoever goes on begins the next one; the abandoned thread would park at its `end`.
    guard.begin();
    CHECK(guard.running() != call);
    guard.end();
}
