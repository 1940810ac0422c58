#pragma once
// What follows a failure: another try (when?), giving up, or failing for good. One pure decision.
//
//   attempts  grow by one with each connect that fails; a loss at run time leaves them as they are, unless the
//             connection flaps (lost again without a stable period since the last loss, and no quick retry
//             left): then a short-lived success counts as a failed attempt. Only a stable period resets them.
//   quick     a loss starts the quick sequence; a connect failing within it takes the next of it. Each costs
//             one of the budget. With the sequence or the budget spent it is the ladder until stable again.
//   ladder    the rung is the number of attempts, not counting those that a quick retry answered, at least 1.
//             So: 30, 60, 120, 240, 300 … after failed starts, and 0, 1, 5, 30, 60, 120 … after a loss.
//   give up   when attempts reach max_attempts. Then one probe per `probe`; a probe that fails changes nothing
//             but the time of the next, and one that comes online must be stable before attempts reset.
//
// A server's retry-after is a floor under each of these waits, so obeying it can only make giving up later
// than the ladder alone, never sooner; that is why rate_limited counts as an attempt like any other. A server
// that limits without saying for how long is not answered with a quick retry.
//
// Owned by the scheduler, one retry_state per instance; no clock, no errors.

#include "reconnect/failure.hpp"
#include "reconnect/policy.hpp"

#include <cstdint>

namespace gateway::reconnect {

/// What an instance remembers of its failures since it was last stable.
struct retry_state {
    std::uint32_t attempts = 0;
    std::uint32_t quick_failures = 0;  // of the attempts, those answered by a quick retry
    std::uint8_t quick_next = 0;       // place in policy::quick
    bool in_quick : 1 = false;         // the retry under way belongs to a quick sequence
    bool ladder_only : 1 = false;      // quick retries are spent until it is stable again
    bool lost_before : 1 = false;      // online once since it was last stable, and lost
    bool gave_up : 1 = false;          // what is created now is a probe
};

enum class verdict : std::uint8_t { retry, give_up, fail };

struct decision {
    verdict what = verdict::fail;
    time_point next{};           // when to retry or probe; meaningless for fail
    bool has_next = false;       // false for fail, and for giving up without probes
    bool exhausted_now = false;  // this very failure made it give up
};

/// A connect failed: before it was online. `why` says how; the wait runs from `now`.
decision after_failed_connect(retry_state& s, const policy& p, const failure& why, quick_log& log, time_point now,
                              random_source& random);

/// A connection that had been online was lost. Call became_stable() first if it had been online long enough.
decision after_loss(retry_state& s, const policy& p, const failure& why, quick_log& log, time_point now,
                    random_source& random);

/// It came online: a probe that succeeds ends the giving up, the attempts stay.
void became_online(retry_state& s);

/// It was online for policy::stable_after: everything starts afresh.
void became_stable(retry_state& s);

}  // namespace gateway::reconnect
