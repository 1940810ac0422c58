// The inside of the message plane. Used by its sources only: message_plane.cpp (instances, alarms), plane_events.cpp
// (in), plane_deliveries.cpp (out).
#pragma once

#include "log/flood_limit.hpp"
#include "message/bounds.hpp"
#include "route/message_plane.hpp"

#include <optional>
#include <utility>

namespace gateway::route {

inline constexpr std::chrono::seconds journal_retry{1};  // after the disk failed
inline constexpr std::chrono::minutes first_prune{1};    // after the start, which has better things to do

// Whom a slot belonged to when something was started for it.
struct tenant {
    std::uint32_t slot = 0;
    std::uint64_t epoch = 0;
};

struct resident {
    std::uint64_t epoch = 0;
    std::string name;
    store::instance_id id = 0;
    unsigned uncommitted_batches = 0;
    std::uint64_t uncommitted_deliveries = 0;  // to it
    log::flood_limit lines;
};

// What is remembered of a batch while the journal has it.
struct commit_context {
    tenant from;
    std::vector<verdict> verdicts;  // per event
    std::vector<tenant> to;         // per delivery
    std::size_t bytes = 0;
    std::uint64_t skipped = 0;  // events of an unknown kind
    message_plane::commit_handler done;
};

// The first thing wrong, in words for whoever asked.
inline gw_status refuse(message::fault&& wrong, std::string* ret_fault) {
    if (ret_fault != nullptr) {
        *ret_fault = std::move(wrong.text);
    }
    return wrong.status;
}

class message_plane::state {
public:
    state(loop::time_source& time, store::journal& journal, delivery_port& port, plane_settings options)
        : time_(time),
          journal_(journal),
          port_(port),
          options_(options),
          lanes_(options.lanes),
          directory_(store::max_directory_chats),
          prune_at_(time.now() + first_prune),
          alarm_(time.make_alarm([this] { ring(); })) {
        set_alarm();
    }

    void add_instance(std::uint32_t slot, std::string_view name);
    void remove_instance(std::uint32_t slot);
    void online(std::uint32_t slot);
    void closing(std::uint32_t slot);
    void offline(std::uint32_t slot);
    std::unique_ptr<message::delivery> take(std::uint32_t slot, std::uint64_t id);
    gw_status submit(std::uint32_t slot, message::batch&& what, commit_handler done, std::string* ret_fault);
    gw_status receipt(std::uint32_t slot, message::receipt&& what, std::string* ret_fault);
    void kv_get(std::uint32_t slot, std::string key, kv_handler done);
    [[nodiscard]] counters count() const;

    [[nodiscard]] router& routes() { return router_; }
    [[nodiscard]] const lanes& queue() const { return lanes_; }
    [[nodiscard]] const directory& chats() const { return directory_; }

private:
    [[nodiscard]] resident* find(tenant of) const;
    [[nodiscard]] resident* find(std::uint32_t slot) const;
    void load(tenant of);
    void on_loaded(tenant of, const store::load_job& job);
    void on_committed(commit_context& context, store::commit_job& job);
    void count_events(const commit_context& context, const store::commit_job& job);
    void release_deliveries(const commit_context& context, store::commit_job& job);
    void on_marked(tenant of, const std::string& chat, std::uint32_t run, store::mark_job& job);
    void carry_out();
    void carry_out(mark_action& what);
    void carry_out(unmark_action& what);
    void carry_out(deliver_action& what);
    void carry_out(record_action& what);
    void tell(const record_action& what);
    void warn(std::string_view message, const record_action& about);
    void record(std::unique_ptr<store::record_job> job);
    void ring();
    void prune();
    void set_alarm();

    loop::time_source& time_;
    store::journal& journal_;
    delivery_port& port_;
    plane_settings options_;
    router router_;
    lanes lanes_;
    directory directory_;
    counters counters_;
    std::vector<std::unique_ptr<resident>> residents_;  // by slot
    std::uint64_t last_epoch_ = 0;
    std::size_t uncommitted_bytes_ = 0;
    actions actions_;
    std::vector<copy> copies_;  // memory kept from batch to batch

    // Waiting for the disk: bounded by the deliveries in flight when it failed, and the instances.
    std::vector<std::unique_ptr<store::record_job>> unrecorded_;
    std::vector<tenant> unloaded_;
    std::optional<loop::time_point> retry_at_;
    std::optional<loop::time_point> prune_at_;
    std::optional<loop::time_point> alarm_at_;
    std::unique_ptr<loop::alarm> alarm_;
};

}  // namespace gateway::route
