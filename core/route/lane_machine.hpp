// The inside of lanes: what it remembers, and the moves of one delivery. Used by lanes.cpp only.
//
//   committing ──▶ queued ──▶ marking ──▶ ready ──▶ in flight ──▶ (gone: sent, failed, unknown)
//       │            ▲           │          │           │
//       │            └───────────┴──────────┴───────────┘  mark failed, offline, not taken; retry, unknown once
//       └ (idle lane) committing, marked ──▶ ready
#pragma once

#include "route/lanes.hpp"

#include <boost/intrusive/list.hpp>

#include <map>
#include <unordered_map>

namespace gateway::route {

// Only the first delivery of a lane ever leaves `committing` and `queued`.
enum class delivery_step : std::uint8_t {
    committing,         // in a transaction
    committing_marked,  // likewise, with its first attempt marked
    queued,
    marking,  // its mark is in a transaction
    ready,    // marked, not handed over yet
    in_flight,
};

struct lane_entry {
    std::uint64_t id = 0;
    loop::time_point expires;
    std::uint32_t attempt = 0;  // how many were started
    bool repeated = false;      // one of them had an unknown outcome
    delivery_step at = delivery_step::queued;
};

struct lane : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    const std::string* chat = nullptr;
    std::vector<lane_entry> window;        // in the order of their ids
    std::uint64_t behind = 0;              // committed deliveries after the window, in the journal
    std::uint64_t behind_uncommitted = 0;  // those in a transaction
    std::uint64_t last_id = 0;             // of the window, also when it is empty by now
    loop::time_point paused_until = loop::time_point::min();
    bool refilling = false;

    [[nodiscard]] std::uint64_t pending() const { return window.size() + behind + behind_uncommitted; }
    lane_entry* find(std::uint64_t id);
};

// A delivery that takes one of the instance's places, from its mark on; it is the first of its lane.
struct lane_place {
    std::uint64_t id = 0;
    lane* of = nullptr;
    loop::time_point since;  // handed over
};

struct lane_group {  // of one instance
    std::unordered_map<std::string, lane> by_chat;
    // Lanes that could start but for a place, in turn.
    boost::intrusive::list<lane, boost::intrusive::constant_time_size<false>> waiting;
    std::vector<lane_place> places;
    std::uint64_t pending = 0;
    loop::time_point paused_until = loop::time_point::min();
    bool loaded = false;
    bool open = false;  // online, and takes deliveries
};

struct lanes::machine {
    lane_settings options;
    std::vector<std::unique_ptr<lane_group>> groups;  // by slot
    std::uint64_t pending = 0;

    struct due {
        std::uint32_t slot;
        std::string chat;  // empty: the whole instance
    };
    std::multimap<time_point, due> pauses;
    std::optional<time_point> sweep_at;

    [[nodiscard]] lane_group* group(std::uint32_t slot) const;
    [[nodiscard]] bool may_start(const lane_group& in, const lane& of, time_point now) const;

    // Whatever is to be done about a lane after a change: expiry, refill, its next delivery, its end.
    void advance(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out);
    void advance_all(std::uint32_t slot, lane_group& in, time_point now, actions& out);
    // A place became free.
    void fill(std::uint32_t slot, lane_group& in, time_point now, actions& out);

    void add(lane_group& in, std::uint64_t count, time_point now);
    void remove_first(lane_group& in, lane& of);
    void finish(lane_group& in, lane& of, record_action what, actions& out);
    void outcome_unknown(std::uint32_t slot, lane_group& in, lane& of, std::string code, std::string text,
                         actions& out);
    void pause_lane(std::uint32_t slot, lane& of, time_point until);
    void pause_group(std::uint32_t slot, lane_group& in, time_point until);
    [[nodiscard]] std::chrono::milliseconds pace(std::uint32_t attempt) const;
    void append(std::uint32_t slot, lane_group& in, lane& of, const std::vector<store::waiting>& rows, time_point now,
                std::int64_t unix_ms, actions& out);
    void sweep(time_point now, actions& out);

    static lane_place* place(lane_group& in, std::uint64_t id);
    static void free(lane_group& in, std::uint64_t id);
    // Back to the queue, as if this attempt had not been.
    static void take_back(lane_group& in, lane& of);
};

}  // namespace gateway::route
