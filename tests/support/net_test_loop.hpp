// Running a loop until something has happened. Nothing sleeps: the loop blocks in the reactor until the next
// event; the limit only ends a test that would otherwise never end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>

namespace gateway::test {

template <class Predicate>
void run_until(boost::asio::io_context& loop, Predicate done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!done()) {
        loop.restart();
        const bool progressed = loop.run_one_until(limit) != 0;
        REQUIRE_MESSAGE(progressed, "the event that the test waits for did not come");
    }
}

// Everything that is ready now, without waiting.
inline void run_ready(boost::asio::io_context& loop) {
    loop.restart();
    loop.poll();
}

}  // namespace gateway::test
