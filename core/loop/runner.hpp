// Runs the event loop on a thread of its own, watched from the calling thread.
//
// When a call into a module does not return within the budget, the watchdog abandons it (call_guard.hpp) and lets a new
// thread run the loop: the io_context, and with it everything the loop owns, simply goes on there. The old thread is
// lost with the module's stack. This is how the host survives a module that hangs; a worker process is how it gets the
// thread back.
//
//     main thread:   run() ── every tick: same call still running, budget spent? ──▶ abandon, start a new loop thread
//     loop thread:   io.run() ─▶ … ─▶ module call ─ ─ ─ ✗ (never returns)
//     loop thread 2:                                       on_abandoned() ─▶ io.run() ─▶ …
#pragma once

#include "loop/call_guard.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace gateway::loop {

// Whether the calling thread runs the loop now. A thread whose call was abandoned does not.
[[nodiscard]] bool on_loop_thread();

// Returns on every thread but one that was the loop's and is lost: that one parks here for ever.
void park_if_lost();

// Makes the calling thread the loop thread from now on, taking that away from whichever was before.
void become_loop_thread();

class runner {
public:
    struct settings {
        std::chrono::milliseconds call_budget{10'000};
        std::chrono::milliseconds tick{500};
    };

    // `on_abandoned` is called on the new loop thread before anything else runs there. It must be set before run().
    runner(boost::asio::io_context& io, call_guard& guard, settings limits, std::function<void()> on_abandoned);

    // Runs the loop until it is stopped or out of work. Called once.
    void run();

    // From then on a call that still runs is abandoned at once, and `run` returns instead of starting a new loop
    // thread: `on_abandoned` is called on its own thread, and nothing more runs. Any thread; the last one counts.
    void leave_by(std::chrono::steady_clock::time_point when);

    // Threads lost in calls that never returned. They still run: leave the process with std::quick_exit.
    [[nodiscard]] unsigned lost_threads() const { return lost_threads_; }

private:
    void start_loop_thread(bool takes_over);
    [[nodiscard]] std::chrono::steady_clock::time_point next_look(std::chrono::steady_clock::time_point now) const;
    bool abandon(std::uint64_t call);

    boost::asio::io_context& io_;
    call_guard& guard_;
    settings limits_;
    std::function<void()> on_abandoned_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread loop_thread_;
    bool finished_ = false;
    std::chrono::steady_clock::time_point leave_by_ = std::chrono::steady_clock::time_point::max();
    unsigned lost_threads_ = 0;
};

}  // namespace gateway::loop
