// The queue of deliveries, as a state machine: what waits for which instance, in which order, and what to do next.
// No clock, journal or instance inside; loop thread only. See README.md for the states of a delivery.
//
// Per instance there is a lane per chat. In a lane deliveries keep their order: the next one starts after the receipt
// of the one before. A paused lane holds up nobody else. Of what waits only the id and the state are in memory: 40
// bytes a delivery, twice that while a lane grows, and so 8 MB when `max_pending` wait; an empty lane does not exist.
// Contents are held from the mark to the hand-over: of the first delivery of `max_in_flight` lanes, and of the small
// ones marked ahead.
//
// Each function that can set something off appends to `actions`; carry those out afterwards, in order.
#pragma once

#include "loop/time_source.hpp"
#include "message/model.hpp"
#include "store/journal.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gateway::route {

struct lane_settings {
    std::size_t max_in_flight = 64;                          // per instance, one of a lane
    std::uint32_t max_run = 32;                              // of a lane marked at a time
    std::size_t ahead_bytes = 4096;                          // a larger content is marked when its turn has come
    std::chrono::milliseconds ahead_below{10};               // slower receipts: nothing is marked ahead
    std::size_t max_pending = 100'000;                       // per instance; then its sources are told to wait (busy)
    std::uint32_t max_attempts = 50;                         // then the delivery has failed
    std::chrono::milliseconds ttl = std::chrono::hours{24};  // then it is too late for a delivery
    std::chrono::milliseconds receipt_timeout = std::chrono::minutes{10};  // then its outcome is unknown
    std::chrono::milliseconds retry_first = std::chrono::seconds{1};       // pace without a retry-after, doubling …
    std::chrono::milliseconds retry_max = std::chrono::seconds{60};        // … up to this
    std::chrono::milliseconds sweep_every = std::chrono::seconds{30};      // granularity of ttl and receipt_timeout
};

// Commit that these attempts of a lane's next deliveries start, then call `marked`, or `mark_failed` for each.
struct mark_action {
    std::uint32_t slot;
    std::string chat;
    std::vector<store::progress> marks;
    std::uint32_t run;  // tells apart the marks of one delivery
};

// Commit that they are not out there: not handed over after all, or not sent and to be repeated.
struct unmark_action {
    std::uint32_t slot;
    std::string chat;
    std::vector<store::progress> marks;
    std::string code;  // the receipt's; empty: not handed over
};

// Let the instance have it soon, then call `take`.
struct deliver_action {
    std::uint32_t slot;
    std::uint64_t id;
};

// Commit this outcome: it is done.
struct record_action {
    std::uint32_t slot;
    std::string chat;
    std::uint64_t id;
    std::int32_t outcome;
    std::string message_id;
    std::string code;  // the receipt's, or "expired", "attempts_exhausted", "outcome_unknown", "gone"
    std::string text;  // for the operator
};

using action = std::variant<mark_action, unmark_action, deliver_action, record_action>;
using actions = std::vector<action>;

class lanes {
public:
    using time_point = loop::time_point;

    explicit lanes(lane_settings options = {});
    ~lanes();

    // An instance, unloaded and offline. Until `loaded` nothing of it starts.
    void add_instance(std::uint32_t slot);
    // Forgets all that waits for it, and says how many that were; late answers about them are ignored.
    std::uint64_t remove_instance(std::uint32_t slot);
    // What the journal holds, read after everything that was committed so far; says how many of these are news.
    // `unix_ms` is the same moment as `now`.
    std::uint64_t loaded(std::uint32_t slot, const std::vector<store::waiting_lane>& found, time_point now,
                         std::int64_t unix_ms, actions& ret_actions);

    void online(std::uint32_t slot, time_point now, actions& ret_actions);
    // Nothing more is handed over until the next `online`; receipts still count.
    void closing(std::uint32_t slot, actions& ret_actions);
    void offline(std::uint32_t slot, time_point now, actions& ret_actions);

    // A delivery with a content of so many bytes goes into a transaction. True: mark its first attempt there too.
    [[nodiscard]] bool submitted(std::uint32_t slot, const std::string& chat, std::uint64_t id, std::size_t bytes,
                                 time_point now);
    // The transaction is committed.
    void committed(std::uint32_t slot, message::delivery&& what, time_point now, actions& ret_actions);
    // The transaction failed, or the event was a duplicate: there is no such delivery.
    void withdrawn(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now, actions& ret_actions);

    // The marks of this run are committed. Takes those contents for which it still waits; null: nothing.
    void marked(std::uint32_t slot, const std::string& chat, std::uint32_t run,
                std::vector<std::unique_ptr<message::delivery>>&& contents, time_point now, actions& ret_actions);
    // The mark of one is not. `gone`: the journal has no such delivery.
    void mark_failed(std::uint32_t slot, const std::string& chat, std::uint64_t id, std::uint32_t run, bool gone,
                     time_point now, actions& ret_actions);

    // Right before the call into the instance: it counts as handed over from here. Null: not now after all.
    [[nodiscard]] std::unique_ptr<message::delivery> take(std::uint32_t slot, std::uint64_t id, time_point now);

    // False: no such delivery is in flight with this instance.
    [[nodiscard]] bool receipt(std::uint32_t slot, message::receipt&& what, time_point now, actions& ret_actions);

    // Call `tick` at this point; none: nothing is due ever.
    [[nodiscard]] std::optional<time_point> next_tick() const;
    void tick(time_point now, actions& ret_actions);

    [[nodiscard]] std::uint64_t pending() const;
    [[nodiscard]] std::uint64_t pending(std::uint32_t slot) const;  // uncommitted ones too
    [[nodiscard]] bool full(std::uint32_t slot) const;
    [[nodiscard]] std::size_t lane_count(std::uint32_t slot) const;

private:
    struct machine;
    std::unique_ptr<machine> machine_;
};

}  // namespace gateway::route
