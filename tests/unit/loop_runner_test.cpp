#include "loop/runner.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace gateway::loop;
using std::chrono::milliseconds;

constexpr runner::settings short_patience{milliseconds{20}, milliseconds{5}};

}  // namespace

TEST_CASE("runner: the loop has a thread of its own, and only that one is the loop's") {
    boost::asio::io_context loop;
    call_guard guard;
    runner runs(loop, guard, {}, [] {});
    bool inside = false;
    std::thread::id there;
    boost::asio::post(loop, [&] {
        inside = on_loop_thread();
        there = std::this_thread::get_id();
    });
    runs.run();
    CHECK(inside);
    CHECK(there != std::this_thread::get_id());
    CHECK_FALSE(on_loop_thread());
    CHECK(runs.lost_threads() == 0);
}

TEST_CASE("runner: when a call never returns, the loop goes on on a new thread with all that was posted") {
    // Both outlive the test: the lost thread still refers to them.
    auto* loop = new boost::asio::io_context;
    auto* guard = new call_guard;
    std::vector<int> order;
    runner runs(*loop, *guard, short_patience, [&] { order.push_back(2); });
    boost::asio::post(*loop, [&, loop, guard] {
        order.push_back(1);
        boost::asio::post(*loop, [&, loop] {
            order.push_back(4);
            CHECK(on_loop_thread());
            loop->stop();
        });
        guard->begin();
        while (true) {
            ::pause();
        }
    });
    boost::asio::post(*loop, [&] { order.push_back(3); });
    runs.run();
    CHECK(runs.lost_threads() == 1);
    CHECK(order == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("runner: told when to leave, it waits for no call beyond that, and runs nothing more") {
    auto* loop = new boost::asio::io_context;
    auto* guard = new call_guard;
    bool told_here = false;
    bool went_on = false;
    const auto here = std::this_thread::get_id();
    runner runs(*loop, *guard, {std::chrono::hours{1}, std::chrono::hours{1}},
                [&] { told_here = on_loop_thread() && std::this_thread::get_id() == here; });
    boost::asio::post(*loop, [&, guard] {
        runs.leave_by(std::chrono::steady_clock::now() + milliseconds{5});
        guard->begin();
        while (true) {
            ::pause();
        }
    });
    boost::asio::post(*loop, [&] { went_on = true; });
    runs.run();
    CHECK(runs.lost_threads() == 1);
    CHECK(told_here);
    CHECK_FALSE(went_on);
}

TEST_CASE("runner: when it has to leave, what is no call is not cut short") {
    boost::asio::io_context loop;
    call_guard guard;
    bool done = false;
    runner runs(loop, guard, {std::chrono::hours{1}, std::chrono::hours{1}}, [] {});
    boost::asio::post(loop, [&] {
        runs.leave_by(std::chrono::steady_clock::now() - milliseconds{1});
        boost::asio::post(loop, [&] { done = true; });
    });
    runs.run();
    CHECK(done);
    CHECK(runs.lost_threads() == 0);
}

TEST_CASE("runner: a call that uses host functions without end is caught between two of them") {
    auto* loop = new boost::asio::io_context;
    auto* guard = new call_guard;
    bool went_on = false;
    runner runs(*loop, *guard, short_patience, [&, loop] {
        went_on = true;
        loop->stop();
    });
    boost::asio::post(*loop, [guard] {
        guard->begin();
        while (true) {
            const call_guard::host_scope in_host(*guard);
        }
    });
    runs.run();
    CHECK(went_on);
    CHECK(runs.lost_threads() == 1);
}
