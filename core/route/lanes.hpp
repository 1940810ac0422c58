// The queue of deliveries, as a state machine: what waits for which instance, in which order, and what to do next.
// No clock, journal or instance inside; loop thread only. See README.md for the states of a delivery.
//
// Per instance there is a lane per chat. In a lane deliveries keep their order: the next one starts after the receipt
// of the one before. A paused lane holds up nobody else. A lane keeps the first `window` of its deliveries in memory
// (24 bytes each, no content), the rest is in the journal and asked for by `refill`; an empty lane does not exist.
//
// Contents are not held here: whoever calls `committed` or `marked` has them, and hands them over when told so.
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
    std::size_t max_in_flight = 64;                          // per instance
    std::size_t window = 64;                                 // deliveries of a lane in memory
    std::size_t max_pending = 100'000;                       // per instance; then its sources are told to wait (busy)
    std::uint32_t max_attempts = 50;                         // then the delivery has failed
    std::chrono::milliseconds ttl = std::chrono::hours{24};  // then it is too late for a delivery
    std::chrono::milliseconds receipt_timeout = std::chrono::minutes{10};  // then its outcome is unknown
    std::chrono::milliseconds retry_first = std::chrono::seconds{1};       // pace without a retry-after, doubling …
    std::chrono::milliseconds retry_max = std::chrono::seconds{60};        // … up to this
    std::chrono::milliseconds sweep_every = std::chrono::seconds{30};      // granularity of ttl and receipt_timeout
};

// Commit that this attempt starts, then call `marked` or `mark_failed`.
struct mark_action {
    std::uint32_t slot;
    std::string chat;
    std::uint64_t id;
    std::uint32_t attempt;
    bool repeated;
};

// Commit this outcome. GW_OUTCOME_RETRY: it waits again; every other one: it is done.
struct record_action {
    std::uint32_t slot;
    std::string chat;
    std::uint64_t id;
    std::int32_t outcome;
    std::string message_id;
    std::string code;  // the receipt's, or "expired", "attempts_exhausted", "outcome_unknown", "gone"
    std::string text;  // for the operator
};

// Read the next deliveries of the lane, then call `refilled` or `refill_failed`.
struct refill_action {
    std::uint32_t slot;
    std::string chat;
    std::uint64_t after;  // id
};

using action = std::variant<mark_action, record_action, refill_action>;
using actions = std::vector<action>;

struct hand_over {
    std::uint32_t attempt;
    bool repeated;
};

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
    void closing(std::uint32_t slot);
    void offline(std::uint32_t slot, time_point now, actions& ret_actions);

    // A delivery goes into a transaction. True: mark its first attempt there too, since it can start at once.
    [[nodiscard]] bool submitted(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now);
    // The transaction is committed. True: hand it over now.
    [[nodiscard]] bool committed(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now,
                                 actions& ret_actions);
    // The transaction failed, or the event was a duplicate: there is no such delivery.
    void withdrawn(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now, actions& ret_actions);

    // The mark of this attempt is committed. True: hand it over now.
    [[nodiscard]] bool marked(std::uint32_t slot, std::uint64_t id, std::uint32_t attempt);
    // It is not. `gone`: the journal has no such delivery.
    void mark_failed(std::uint32_t slot, std::uint64_t id, std::uint32_t attempt, bool gone, time_point now,
                     actions& ret_actions);

    // Right before `deliver`: it counts as handed over from here. None: not now after all, drop the content.
    [[nodiscard]] std::optional<hand_over> start(std::uint32_t slot, std::uint64_t id, time_point now);
    // `deliver` said no: it was not handed over. Nothing more starts until the next `online`.
    void not_taken(std::uint32_t slot, std::uint64_t id);

    // False: no such delivery is in flight with this instance.
    [[nodiscard]] bool receipt(std::uint32_t slot, message::receipt&& what, time_point now, actions& ret_actions);

    void refilled(std::uint32_t slot, const std::string& chat, const std::vector<store::waiting>& next, time_point now,
                  std::int64_t unix_ms, actions& ret_actions);
    void refill_failed(std::uint32_t slot, const std::string& chat, time_point now);

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
