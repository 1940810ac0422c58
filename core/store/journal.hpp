// What the message plane needs of durable memory: events, deliveries, receipts, key-value state, the chat directory.
//
// Implemented by store::database (SQLite); tests and benchmarks have one in memory. Every call queues a job; jobs take
// effect in the order of the calls, each as a whole or not at all, and their handlers are called in that order on the
// loop, never inside the call. Reads see everything queued before them. Statuses are the ABI's: GW_OK, GW_ERR_IO (disk
// full or broken; the caller may repeat), GW_ERR_LIMIT, GW_ERR_NOT_FOUND. Loop thread only. The queue is as long as its
// callers let it become: each states its bound (route/message_plane.hpp).
#pragma once

#include "message/model.hpp"

#include <gateway/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::store {

// An instance's durable number; its name keeps it for ever.
using instance_id = std::uint32_t;

// A delivery that the router made from an event of the same job; `what.id` comes from new_delivery_id.
struct outgoing {
    std::uint32_t event = 0;  // index in the job's events
    bool handed = false;      // attempt 1 is marked with the insert
    instance_id to = 0;
    message::delivery what;
};

// One transaction: an event whose dedupe id the journal holds is dropped, with the deliveries made from it.
struct commit_job {
    instance_id from = 0;
    std::int64_t unix_ms = 0;
    std::vector<message::event> events;
    std::vector<outgoing> deliveries;  // ordered by event
    std::vector<message::kv_write> writes;

    gw_status status = GW_OK;      // the rest is for the handler
    std::vector<bool> duplicates;  // per event
};

// What is remembered of a delivery's attempts.
struct progress {
    std::uint64_t id = 0;
    std::uint32_t attempt = 0;  // how many count
    bool handed = false;        // marked: the last of them is about to start, and after a crash it may have been sent
    bool repeated = false;      // an earlier attempt's outcome is unknown
};

// Marks deliveries before they are handed over, or takes marks back: nothing of that attempt is out there.
struct mark_job {
    instance_id to = 0;
    std::vector<progress> marks;  // take effect in this order

    gw_status status = GW_OK;
    // Per mark, where `handed` is set: the delivery, with its attempt and flags. Null: the journal does not hold it.
    std::vector<std::unique_ptr<message::delivery>> contents;
};

// How a delivery ended.
struct record_job {
    instance_id to = 0;
    std::uint64_t id = 0;
    std::string chat;
    std::int32_t outcome = 0;  // GW_OUTCOME_*, but not RETRY
    std::string message_id;
    std::string code;
    std::int64_t unix_ms = 0;

    gw_status status = GW_OK;
};

// A delivery that waits, without its content.
struct waiting : progress {
    std::int64_t created_unix_ms = 0;
    std::size_t bytes = 0;  // as content_bytes
};

// What of a message may be long.
[[nodiscard]] inline std::size_t content_bytes(const message::message& of) {
    return of.text.size() + of.extra.size();
}

struct waiting_lane {
    std::string chat;
    std::vector<waiting> deliveries;  // in the order of their ids
};

// All that waits for an instance, after a start.
struct load_job {
    instance_id to = 0;

    gw_status status = GW_OK;
    std::vector<waiting_lane> lanes;
    std::vector<message::chat> chats;         // the directory, at most `max_directory_chats`, latest seen first
    std::vector<std::int64_t> chats_seen_ms;  // per chat, Unix time
};

struct kv_job {
    instance_id of = 0;
    std::string key;

    gw_status status = GW_OK;  // GW_ERR_NOT_FOUND: no such key
    std::string value;
};

// One small step of forgetting what is older than the retention times.
struct prune_job {
    std::int64_t unix_ms = 0;

    gw_status status = GW_OK;
    bool more = false;          // another step would find something
    std::uint64_t dropped = 0;  // deliveries to instances that nobody loaded since the start
};

inline constexpr std::uint32_t max_directory_chats = 10'000;  // per instance; the longest unseen go first

template <class Job>
using handler = std::function<void(Job&)>;  // may take the job's members

class journal {
public:
    journal() = default;
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;
    virtual ~journal() = default;

    // The instance's number, made when the name is new.
    [[nodiscard]] virtual instance_id instance(std::string_view name) = 0;
    // Never given before, nor after a restart, once it was committed.
    [[nodiscard]] virtual std::uint64_t new_delivery_id() = 0;

    virtual void run(std::unique_ptr<commit_job> job, handler<commit_job> done) = 0;
    virtual void run(std::unique_ptr<mark_job> job, handler<mark_job> done) = 0;
    virtual void run(std::unique_ptr<record_job> job, handler<record_job> done) = 0;
    virtual void run(std::unique_ptr<load_job> job, handler<load_job> done) = 0;
    virtual void run(std::unique_ptr<kv_job> job, handler<kv_job> done) = 0;
    virtual void run(std::unique_ptr<prune_job> job, handler<prune_job> done) = 0;
};

}  // namespace gateway::store
