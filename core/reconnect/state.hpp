#pragma once
// The states of an instance and the moves between them: diagram, enum, table, in this one place.
//
//                  add / resume / revived
//                            │
//                            ▼      due, and a place is free
//      ┌────────────────▶ waiting ─────────────────────────▶ connecting ◀── probe ── gave_up
//      │                                                      │  │    │
//      │                               create failed → failed ◀  │    │ connected
//      │                                                         │    ▼
//      │                                      failed, timed out, │  online
//      │ retryable                            told to close      │    │ lost, told to close
//      │                                                         ▼    ▼
//      └──────────────────────────────────────────────────────── closing
//                                                                 │ closed, or its deadline passed: destroyed
//        attempts exhausted, or a failed probe ─────▶ gave_up ◀───┤
//        not retryable ─────────────────────────────▶ failed  ◀───┤
//        told to pause ─────────────────────────────▶ paused  ◀───┤
//        told to leave, or the host stops ──────────▶ absent  ◀───┘
//
//   From waiting, failed and gave_up (no incarnation is alive there) paused and absent are reached directly;
//   failed and gave_up are revived to waiting by an operator, a changed configuration or a new generation.
//
// Exactly one incarnation is alive in connecting, online and closing, none in the others.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway::reconnect {

enum class state : std::uint8_t {
    absent,      // not configured: the slot is free
    waiting,     // queued: for its next retry, or, when that is due, for a place among the connecting
    connecting,  // created, not yet proven
    online,      // proven: authenticated and receiving
    closing,     // the old incarnation is being torn down; what follows is already decided
    failed,      // only a change can help: waits for someone to act
    gave_up,     // attempts exhausted: probed now and then
    paused       // an operator told it to stay away
};

inline constexpr std::size_t state_count = 8;

namespace detail {

constexpr std::uint8_t bit(state s) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(s));
}

template <typename... States>
constexpr std::uint8_t to(States... states) {
    return static_cast<std::uint8_t>((bit(states) | ...));
}

// One row per state, in the enum's order.
inline constexpr std::array<std::uint8_t, state_count> moves{
    /* absent     */ to(state::waiting),
    /* waiting    */ to(state::connecting, state::paused, state::absent),
    /* connecting */ to(state::online, state::closing, state::failed),
    /* online     */ to(state::closing),
    /* closing    */ to(state::waiting, state::failed, state::gave_up, state::paused, state::absent),
    /* failed     */ to(state::waiting, state::paused, state::absent),
    /* gave_up    */ to(state::connecting, state::waiting, state::paused, state::absent),
    /* paused     */ to(state::waiting, state::absent),
};

}  // namespace detail

constexpr bool may_move(state from, state to) {
    return (detail::moves[static_cast<std::size_t>(from)] & detail::bit(to)) != 0;
}

/// True where an incarnation is alive.
constexpr bool is_alive(state s) {
    return s == state::connecting || s == state::online || s == state::closing;
}

/// The words of the control API and the logs: exactly the enumerators' names.
std::string_view to_string(state s);
std::optional<state> state_from_string(std::string_view word);

}  // namespace gateway::reconnect
