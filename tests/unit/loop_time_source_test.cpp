#include "loop/asio_time_source.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

namespace {

using namespace gateway::loop;
using std::chrono::hours;
using std::chrono::milliseconds;

}  // namespace

TEST_CASE("alarm: rings once, at its time, from the loop") {
    boost::asio::io_context loop;
    asio_time_source time(loop);
    int rung = 0;
    const auto alarm = time.make_alarm([&] { ++rung; });
    alarm->set(time.now());
    CHECK(rung == 0);
    loop.run();
    CHECK(rung == 1);
}

TEST_CASE("alarm: setting it again replaces its time, and silencing it leaves nothing to do") {
    boost::asio::io_context loop;
    asio_time_source time(loop);
    int rung = 0;
    const auto alarm = time.make_alarm([&] { ++rung; });
    alarm->set(time.now() + hours{1});
    alarm->set(time.now());
    loop.run();
    CHECK(rung == 1);
    loop.restart();
    alarm->set(time.now());
    alarm->set(std::nullopt);
    loop.run();
    CHECK(rung == 1);
}

TEST_CASE("alarm: it may be set from its own ring") {
    boost::asio::io_context loop;
    asio_time_source time(loop);
    int rung = 0;
    std::unique_ptr<gateway::loop::alarm> again;
    again = time.make_alarm([&] {
        if (++rung < 3) {
            again->set(time.now());
        }
    });
    again->set(time.now());
    loop.run();
    CHECK(rung == 3);
}

TEST_CASE("alarm: a destroyed one does not ring") {
    boost::asio::io_context loop;
    asio_time_source time(loop);
    int rung = 0;
    auto alarm = time.make_alarm([&] { ++rung; });
    alarm->set(time.now());
    alarm.reset();
    loop.run();
    CHECK(rung == 0);
}
