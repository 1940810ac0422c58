#include "loop/runner.hpp"

#include "loop/last_words.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unistd.h>
#include <utility>

namespace gateway::loop {
namespace {

std::atomic<std::uint64_t> current_epoch{0};
constexpr std::uint64_t never = ~std::uint64_t{0};
thread_local std::uint64_t thread_epoch = never;

}  // namespace

void call_guard::park() {
    while (true) {
        ::pause();
    }
}

bool on_loop_thread() {
    return thread_epoch == current_epoch.load(std::memory_order_acquire);
}

void park_if_lost() {
    if (thread_epoch != never && !on_loop_thread()) {
        call_guard::park();
    }
}

void become_loop_thread() {
    thread_epoch = current_epoch.fetch_add(1, std::memory_order_acq_rel) + 1;
}

runner::runner(boost::asio::io_context& io, call_guard& guard, settings limits, std::function<void()> on_abandoned)
    : io_(io), guard_(guard), limits_(limits), on_abandoned_(std::move(on_abandoned)) {}

void runner::start_loop_thread(bool takes_over) {
    loop_thread_ = std::thread([this, takes_over] {
        const last_words_stack stack;
        become_loop_thread();
        if (takes_over) {
            on_abandoned_();
        }
        io_.run();
        const std::lock_guard lock(mutex_);
        finished_ = true;
        changed_.notify_all();
    });
}

bool runner::abandon(std::uint64_t call) {
    // A call that keeps using host functions is inside one only for moments: it is caught between two of them.
    for (int tries = 0; tries < 100'000 && guard_.running() == call; ++tries) {
        if (guard_.abandon(call)) {
            return true;
        }
        std::this_thread::yield();
    }
    return false;
}

void runner::leave_by(std::chrono::steady_clock::time_point when) {
    const std::lock_guard lock(mutex_);
    leave_by_ = when;
    changed_.notify_all();
}

std::chrono::steady_clock::time_point runner::next_look(std::chrono::steady_clock::time_point now) const {
    constexpr std::chrono::milliseconds at_the_end{5};  // the loop's thread is about to be done, or back in a call
    return std::min(now + limits_.tick, std::max(leave_by_, now + at_the_end));
}

void runner::run() {
    start_loop_thread(false);
    std::uint64_t suspect = 0;
    auto suspected_since = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!finished_) {
        changed_.wait_until(lock, next_look(std::chrono::steady_clock::now()));
        const auto running = finished_ ? 0 : guard_.running();
        const auto now = std::chrono::steady_clock::now();
        if (running != 0 && now >= leave_by_ && abandon(running)) {
            ++lost_threads_;
            loop_thread_.detach();
            lock.unlock();
            become_loop_thread();
            on_abandoned_();
            return;
        }
        if (running == 0 || running != suspect) {
            suspect = running;
            suspected_since = now;
        } else if (now - suspected_since >= limits_.call_budget && abandon(running)) {
            ++lost_threads_;
            suspect = 0;
            loop_thread_.detach();  // it never ends
            start_loop_thread(true);
        }
    }
    lock.unlock();
    loop_thread_.join();
}

}  // namespace gateway::loop
