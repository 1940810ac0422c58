#pragma once
// Keeps the whole fleet connected: the life cycle of every instance (state.hpp) as one state machine,
// step(event, now) → actions. What a failure leads to is retry.hpp's decision.
//
// Pure: no clock, socket, file, logger or user code. One thread. Each event appends its actions to the list
// given at construction; the driver carries them out in order, and may report further events while it does
// (read the list by index, copying each action, then clear it). Events name slot and incarnation; what comes
// from an incarnation that is over, or does not fit the state, is `stale` and changes nothing.
//
// One timer in all: the driver calls advance() at next_deadline(); with none, nothing needs waking.
// Every instance has at most one deadline: connecting its connect timeout, online the end of its unstable
// period, closing its close timeout, waiting its retry, gave_up its probe. A change costs O(log n).
//
// Bounds: max_slots instances, max_connecting of them connecting at a time, max_due_per_advance deadlines
// per advance() (then next_deadline() is already past, and the driver calls again after other work).

#include "reconnect/action.hpp"
#include "reconnect/deadline_queue.hpp"
#include "reconnect/failure.hpp"
#include "reconnect/policy.hpp"
#include "reconnect/ready_queue.hpp"
#include "reconnect/retry.hpp"
#include "reconnect/slot.hpp"
#include "reconnect/state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gateway::reconnect {

enum class all_failed : std::uint8_t { exit, stay };

struct settings {
    std::uint32_t max_connecting = 64;
    all_failed on_all_failed = all_failed::exit;
};

inline constexpr std::uint32_t max_due_per_advance = 4096;
inline constexpr int exit_failure = 1;
inline constexpr int exit_configuration = 78;

enum class outcome : std::uint8_t { applied, stale };

/// One instance as the control API shows it. The views live until the next event.
struct status {
    struct reason {
        failure_class cls;
        std::string_view code;
        std::string_view text;
        incarnation_id from;  // the one that failed
    };
    state at = state::absent;
    time_point since;                      // in this state
    std::uint32_t attempts = 0;            // failed since it was last stable
    std::optional<time_point> next_retry;  // or next probe; may be past while it waits for a place
    std::optional<reason> why;             // why it is not connected; nothing while online
    incarnation_id incarnation{};          // the latest so far
};

class scheduler {
public:
    scheduler(const settings& s, action_list& out, std::uint64_t jitter_seed);
    ~scheduler();
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    void reserve(std::size_t slots);
    void set(const settings& s, time_point now);

    // The configuration. A policy must have no problem(). Between begin_changes and end_changes the stop rule
    // rests, so that a configuration is judged when it is complete. A changed table starts the instance afresh.
    void begin_changes();
    void end_changes(time_point now);
    outcome add(slot_id slot, const policy& p, time_point now);  // stale: taken, or the host stops
    outcome reconfigure(slot_id slot, const policy& p, time_point now);
    // New rules for what is to come; the connection, attempts and a wait that has begun stay. What gave up by the old
    // ones is revived.
    outcome set_policy(slot_id slot, const policy& p, time_point now);
    outcome remove(slot_id slot, time_point now);  // `removed` follows, after its teardown

    // What incarnations do. create_failed: nothing came into being, so nothing will be closed or destroyed.
    outcome create_failed(slot_id slot, incarnation_id incarnation, failure why, time_point now);
    // Likewise, for want of a usable module: it fails until new_generation, and the host stays up for that.
    outcome module_missing(slot_id slot, incarnation_id incarnation, failure why, time_point now);
    outcome connected(slot_id slot, incarnation_id incarnation, time_point now);
    outcome lost(slot_id slot, incarnation_id incarnation, failure why, time_point now);
    outcome closed(slot_id slot, incarnation_id incarnation, time_point now);

    // The operator, and the module catalogue. A pause outlives all but resume and reconnect.
    outcome pause(slot_id slot, time_point now);
    outcome resume(slot_id slot, time_point now);  // stale: it is not paused
    outcome reconnect(slot_id slot, time_point now);
    outcome new_generation(slot_id slot, time_point now);

    // Time.
    void advance(time_point now);
    std::optional<time_point> next_deadline() const;

    /// Closes all that live at once, each within its close timeout and all within `budget`, and forgets the
    /// rest; then `stopped_all`, once. A second call can only shorten the budget.
    void stop_all(duration budget, time_point now);

    std::optional<status> status_of(slot_id slot) const;  // nothing for an absent slot
    std::size_t count(state s) const { return counts_[static_cast<std::size_t>(s)]; }
    std::size_t configured() const { return configured_; }
    bool invariants_hold() const;  // O(n), for tests

    /// For the running host, O(log n): looks at the slot that changed, and in turn at one more. One that has lost its
    /// place among the deadlines and those due, or has one that it must not have, is a bug of ours that would leave
    /// the instance lying for ever: it gets the place again that its state asks for. Answers with that slot.
    std::optional<slot_id> check(slot_id changed, time_point now);

private:
    friend struct scheduler_saboteur;  // of the tests: breaks what no event can break
    struct cold_part;                  // both in scheduler_record.hpp
    struct record;

    record* find(slot_id slot);
    record* find_alive(slot_id slot, incarnation_id incarnation);
    static bool is_paused(const record& r);
    bool place_free() const;
    static void remember(record& r, failure&& why);
    static duration until_next(const record& r, state at, time_point now);
    void emit(action_kind kind, slot_id slot, const record& r);

    void move(slot_id slot, record& r, state to, time_point now);
    void enter(slot_id slot, record& r, state to, time_point now);
    void begin_connect(slot_id slot, record& r, time_point now);
    void begin_close(slot_id slot, record& r, state after, time_point now);
    void destroy(slot_id slot, record& r, bool abandoned, time_point now);
    void fail(slot_id slot, record& r, failure&& why, time_point now);
    void restart(slot_id slot, record& r, time_point now);
    void on_deadline(slot_id slot, record& r, time_point now);
    void adopt(record& r, const policy& p);
    const policy* intern(const policy& p);
    void release(const policy* p);
    void settle(time_point now);
    bool slot_invariants_hold(slot_id slot, const record& r) const;
    void mend(slot_id slot, record& r, time_point now);

    settings settings_;
    action_list& out_;
    random_source random_;
    std::vector<record> records_;                            // by slot
    std::map<policy, std::uint32_t, std::less<>> policies_;  // shared by those with equal ones, counted
    deadline_queue deadlines_;
    ready_queue ready_;
    std::array<std::size_t, state_count> counts_{};
    std::size_t configured_ = 0;
    std::size_t cursor_ = 0;      // the slot that check() looked at last in turn
    std::size_t unmendable_ = 0;  // of the failed, those that need another configuration
    std::size_t awaiting_ = 0;    // of the failed, those that a dropped module revives
    std::size_t unprobed_ = 0;    // of the given up, those that are never probed
    time_point stop_by_ = time_point::max();
    bool changing_ = false;
    bool stopping_ = false;
    bool exit_said_ = false;
    bool stopped_said_ = false;
};

}  // namespace gateway::reconnect
