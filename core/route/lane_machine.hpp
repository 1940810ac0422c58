// The inside of lanes: what it remembers, and the moves of one delivery. Used by lanes.cpp only.
//
//   committing ─────────▶ queued ──▶ marking ──▶ ready ──▶ called ──▶ in flight ──▶ (gone: sent, failed, unknown)
//       │                   ▲           │          │ ▲        │           │
//       │                   └───────────┴──────────┼─┼────────┴───────────┘  mark failed, closing, paused: unmarked;
//       └ committing, marked ───────────────────────┘                         retry: unmarked; unknown: from now on
//       repeated
#pragma once

#include "route/lanes.hpp"

#include <boost/circular_buffer.hpp>
#include <boost/intrusive/list.hpp>

#include <map>
#include <unordered_map>

namespace gateway::route {

// Only the first delivery of a lane gets past `ready`; no delivery is marked before one that stands in front of it.
enum class delivery_step : std::uint8_t {
    committing,         // in a transaction
    committing_marked,  // likewise, with its first attempt marked
    queued,
    marking,  // its mark is in a transaction
    ready,    // marked; its content is here
    called,   // likewise; the call into the instance is on its way
    in_flight,
};

struct lane_entry {
    std::uint64_t id = 0;
    loop::time_point expires;
    std::unique_ptr<message::delivery> content;  // ready, called
    std::uint32_t attempt = 0;                   // how many were started
    std::uint32_t run = 0;                       // the last one that it was marked with
    bool repeated = false;                       // an attempt had an unknown outcome
    bool is_small = false;                       // may be marked before its turn
    delivery_step at = delivery_step::queued;
};
static_assert(sizeof(lane_entry) == 40, "of a full queue there are 100,000: lanes.hpp says what they take");

struct lane : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    const std::string* chat = nullptr;
    boost::circular_buffer<lane_entry> entries;  // all that wait, in the order of their ids
    std::uint32_t marked = 0;                    // of these: neither `committing` nor `queued`
    loop::time_point paused_until = loop::time_point::min();

    void add(lane_entry&& last);
    lane_entry* find(std::uint64_t id);
};

// One of the instance's places: a lane has it while anything of it is marked.
struct lane_place {
    std::uint64_t id = 0;  // the first delivery of the lane
    lane* of = nullptr;
    loop::time_point since;  // handed over
};

struct lane_group {  // of one instance
    std::unordered_map<std::string, lane> by_chat;
    // Lanes that wait for a place, in turn.
    boost::intrusive::list<lane, boost::intrusive::constant_time_size<false>> waiting;
    std::vector<lane_place> places;
    std::uint64_t pending = 0;
    std::uint32_t run = 1;  // of a lane marked at a time: more than one while receipts come fast
    loop::time_point paused_until = loop::time_point::min();
    bool loaded = false;
    bool open = false;  // online, and takes deliveries
};

struct lanes::machine {
    lane_settings options;
    std::vector<std::unique_ptr<lane_group>> groups;  // by slot
    std::uint64_t pending = 0;
    std::uint32_t last_run = 0;

    struct due {
        std::uint32_t slot;
        std::string chat;  // empty: the whole instance
    };
    std::multimap<time_point, due> pauses;
    std::optional<time_point> sweep_at;

    [[nodiscard]] lane_group* group(std::uint32_t slot) const;
    static lane& lane_of(lane_group& in, const std::string& chat);  // made when there is none
    struct awaited {
        lane_group* in = nullptr;
        lane* of = nullptr;
        lane_entry* what = nullptr;
    };
    // The delivery whose mark is answered; `what` is null when nobody waits for it any more.
    [[nodiscard]] awaited awaiting(std::uint32_t slot, const std::string& chat, std::uint64_t id,
                                   std::uint32_t run) const;
    [[nodiscard]] static bool takes(const lane_group& in, time_point now);
    [[nodiscard]] static bool may_start(const lane_group& in, const lane& of, time_point now);

    // Whatever is to be done about a lane after a change: expiry, its next delivery, its end; then `fill`.
    void advance(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out);
    void advance_all(std::uint32_t slot, lane_group& in, time_point now, actions& out);
    void look_after(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out);
    // Gives the free places to the lanes that wait, in turn. Nobody else gives any, but for an idle lane's first one.
    void fill(std::uint32_t slot, lane_group& in, time_point now, actions& out);
    void mark_run(std::uint32_t slot, lane_group& in, lane& of, actions& out);

    void add(lane_group& in, std::uint64_t count, time_point now);
    void remove(lane_group& in, lane& of, lane_entry& what);
    void finish(lane_group& in, lane& of, record_action what, actions& out);
    // The first delivery may have been sent: it is repeated, or done when `is_last`.
    void outcome_unknown(std::uint32_t slot, lane_group& in, lane& of, bool is_last, std::string code, std::string text,
                         actions& out);
    void pause_lane(std::uint32_t slot, lane& of, time_point until);
    void pause_group(std::uint32_t slot, lane_group& in, time_point until, actions& out);
    [[nodiscard]] std::chrono::milliseconds pace(std::uint32_t attempt) const;
    void append(std::uint32_t slot, lane_group& in, lane& of, const store::waiting& row, time_point now,
                std::int64_t unix_ms, actions& out);
    void sweep(time_point now, actions& out);

    // The place of a lane, by its first delivery; null: none.
    static lane_place* place(lane_group& in, std::uint64_t id);
    static lane_place* place(lane_group& in, const lane& of);
    static void free(lane_group& in, const lane& of);
    // Unmarks what was not handed over, as if these attempts had not been.
    static void take_back(std::uint32_t slot, lane_group& in, lane& of, actions& out);
    static void take_back_all(std::uint32_t slot, lane_group& in, actions& out);
};

}  // namespace gateway::route
