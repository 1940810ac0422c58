// Guards the calls into modules: which one runs now, and what becomes of one that never returns.
//
//              begin                       host_scope opens
//     idle ────────────▶ in module  ◀────────────────────────▶  in host
//      ▲                  │      │        host_scope closes
//      └──────────────────┘      └──────▶ abandoned
//              end                 watchdog
//
// The loop thread opens the guard around each call; a watchdog on another thread may find the same call running for too
// long and abandon it, though only while the module's own code runs: a call that is just using the host's functions is
// let through them first. Exactly one side wins each move. A thread whose call was abandoned is lost for good: it parks
// at the next move it tries, and touches nothing of the host again.
//
// So a call into a module must be the last thing its caller does with shared state before it looks at the answer:
// everything is consistent when the call starts, since another thread may go on from there.
#pragma once

#include <atomic>
#include <cstdint>

namespace gateway::loop {

class call_guard {
public:
    // Loop thread: a call starts. Calls do not nest.
    void begin() {
        own_call = ++sequence_;
        state_.store(own_call << 2U | in_module, std::memory_order_release);
    }

    // The thread that called `begin`: the call returned. Does not return itself when the call was abandoned.
    void end() { move_or_park(in_module, idle); }

    // Any thread: the running call; 0: none.
    [[nodiscard]] std::uint64_t running() const {
        const auto state = state_.load(std::memory_order_acquire);
        return (state & in_module) != 0 ? state >> 2U : 0;
    }

    // Watchdog: takes the call away from its thread. False when it ended, or is inside a host function right now.
    bool abandon(std::uint64_t call) {
        auto expected = call << 2U | in_module;
        return state_.compare_exchange_strong(expected, call << 2U | abandoned, std::memory_order_acq_rel);
    }

    // Whether the calling thread's last call was abandoned, and nobody has begun another since.
    [[nodiscard]] bool is_lost_here() const {
        return own_call != 0 && state_.load(std::memory_order_acquire) == (own_call << 2U | abandoned);
    }

    // The calling module runs the host's code, for as long as this lives. Only within a call.
    class host_scope {
    public:
        explicit host_scope(call_guard& guard) : guard_(guard) { guard_.move_or_park(in_module, in_host); }
        ~host_scope() { guard_.move_or_park(in_host, in_module); }
        host_scope(const host_scope&) = delete;
        host_scope& operator=(const host_scope&) = delete;

    private:
        call_guard& guard_;
    };

    // Where a lost thread ends.
    [[noreturn]] static void park();

private:
    static constexpr std::uint64_t idle = 0;
    static constexpr std::uint64_t in_module = 1;
    static constexpr std::uint64_t abandoned = 2;
    static constexpr std::uint64_t in_host = 3;

    void move_or_park(std::uint64_t from, std::uint64_t to) {
        auto expected = own_call << 2U | from;
        if (!state_.compare_exchange_strong(expected, own_call << 2U | to, std::memory_order_acq_rel)) {
            park();
        }
    }

    // The call this thread made last; a lost thread must not read `sequence_`, which its successor writes.
    static inline thread_local std::uint64_t own_call = 0;

    std::atomic<std::uint64_t> state_{0};
    std::uint64_t sequence_ = 0;  // the loop thread's; handed over with the loop
};

}  // namespace gateway::loop
