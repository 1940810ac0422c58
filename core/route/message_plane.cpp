#include "route/message_plane.hpp"

#include "log/log.hpp"
#include "route/plane_state.hpp"

#include <utility>

namespace gateway::route {

resident* message_plane::state::find(std::uint32_t slot) const {
    return slot < residents_.size() ? residents_[slot].get() : nullptr;
}

resident* message_plane::state::find(tenant of) const {
    auto* found = find(of.slot);
    return found != nullptr && found->epoch == of.epoch ? found : nullptr;
}

void message_plane::state::add_instance(std::uint32_t slot, std::string_view name) {
    if (slot >= residents_.size()) {
        residents_.resize(slot + 1);
    }
    residents_[slot] = std::make_unique<resident>();
    auto& added = *residents_[slot];
    added.epoch = ++last_epoch_;
    added.name = name;
    added.id = journal_.instance(name);
    router_.add_instance(slot, name);
    directory_.add_instance(slot, name);
    lanes_.add_instance(slot);
    load({slot, added.epoch});
}

void message_plane::state::remove_instance(std::uint32_t slot) {
    auto* found = find(slot);
    if (found == nullptr) {
        return;
    }
    counters_.left += lanes_.remove_instance(slot) - found->uncommitted_deliveries;
    router_.remove_instance(slot);
    directory_.remove_instance(slot);
    residents_[slot].reset();
}

void message_plane::state::load(tenant of) {
    auto job = std::make_unique<store::load_job>();
    job->to = find(of)->id;
    journal_.run(std::move(job), [this, of](store::load_job& done) { on_loaded(of, done); });
}

void message_plane::state::on_loaded(tenant of, const store::load_job& job) {
    if (find(of) == nullptr) {
        return;
    }
    if (job.status != GW_OK) {
        unloaded_.push_back(of);
        retry_at_ = time_.now() + journal_retry;
        set_alarm();
        return;
    }
    for (std::size_t i = job.chats.size(); i-- > 0;) {
        directory_.told(of.slot, job.chats[i], job.chats_seen_ms[i]);
    }
    counters_.found += lanes_.loaded(of.slot, job.lanes, time_.now(), time_.unix_ms(), actions_);
    carry_out();
}

void message_plane::state::online(std::uint32_t slot) {
    lanes_.online(slot, time_.now(), actions_);
    carry_out();
}

void message_plane::state::closing(std::uint32_t slot) {
    lanes_.closing(slot, actions_);
    carry_out();
}

void message_plane::state::offline(std::uint32_t slot) {
    lanes_.offline(slot, time_.now(), actions_);
    carry_out();
}

void message_plane::state::kv_get(std::uint32_t slot, std::string key, kv_handler done) {
    const auto* from = find(slot);
    if (from == nullptr) {
        return;
    }
    auto job = std::make_unique<store::kv_job>();
    job->of = from->id;
    job->key = std::move(key);
    journal_.run(std::move(job), [this, of = tenant{slot, from->epoch}, done = std::move(done)](store::kv_job& read) {
        if (find(of) != nullptr) {
            done(read.status, std::move(read.value));
        }
    });
}

counters message_plane::state::count() const {
    auto now = counters_;
    now.pending = lanes_.pending();
    for (const auto& each : residents_) {
        now.pending -= each != nullptr ? each->uncommitted_deliveries : 0;
    }
    return now;
}

void message_plane::state::ring() {
    const auto now = time_.now();
    alarm_at_.reset();
    if (retry_at_ && *retry_at_ <= now) {
        retry_at_.reset();
        for (auto& job : std::exchange(unrecorded_, {})) {
            record(std::move(job));
        }
        for (const auto of : std::exchange(unloaded_, {})) {
            if (find(of) != nullptr) {
                load(of);
            }
        }
    }
    if (prune_at_ && *prune_at_ <= now) {
        prune_at_.reset();
        prune();
    }
    lanes_.tick(now, actions_);
    carry_out();
}

void message_plane::state::prune() {
    auto job = std::make_unique<store::prune_job>();
    job->unix_ms = time_.unix_ms();
    journal_.run(std::move(job), [this](store::prune_job& done) {
        if (done.dropped > 0) {
            log::warning("deliveries to instances that are not configured any more were dropped for their age",
                         {{"count", done.dropped}});
        }
        if (done.status == GW_OK && done.more) {
            prune();
            return;
        }
        prune_at_ = time_.now() + options_.prune_every;
        set_alarm();
    });
}

void message_plane::state::set_alarm() {
    auto next = lanes_.next_tick();
    for (const auto& other : {retry_at_, prune_at_}) {
        if (other && (!next || *other < *next)) {
            next = other;
        }
    }
    if (next != alarm_at_) {
        alarm_at_ = next;
        alarm_->set(next);
    }
}

message_plane::message_plane(loop::time_source& time, store::journal& journal, delivery_port& port,
                             plane_settings options)
    : state_(std::make_unique<state>(time, journal, port, options)) {}

message_plane::~message_plane() = default;

boost::system::result<void, std::string> message_plane::set_routes(const std::vector<route_config>& routes) {
    return state_->routes().set_routes(routes);
}

void message_plane::add_instance(std::uint32_t slot, std::string_view name) {
    state_->add_instance(slot, name);
}

void message_plane::remove_instance(std::uint32_t slot) {
    state_->remove_instance(slot);
}

void message_plane::online(std::uint32_t slot) {
    state_->online(slot);
}

void message_plane::closing(std::uint32_t slot) {
    state_->closing(slot);
}

void message_plane::offline(std::uint32_t slot) {
    state_->offline(slot);
}

std::unique_ptr<message::delivery> message_plane::take(std::uint32_t slot, std::uint64_t id) {
    return state_->take(slot, id);
}

gw_status message_plane::submit(std::uint32_t slot, message::batch&& what, commit_handler done,
                                std::string* ret_fault) {
    return state_->submit(slot, std::move(what), std::move(done), ret_fault);
}

gw_status message_plane::receipt(std::uint32_t slot, message::receipt&& what, std::string* ret_fault) {
    return state_->receipt(slot, std::move(what), ret_fault);
}

void message_plane::kv_get(std::uint32_t slot, std::string key, kv_handler done) {
    state_->kv_get(slot, std::move(key), std::move(done));
}

counters message_plane::count() const {
    return state_->count();
}

std::uint64_t message_plane::pending(std::uint32_t slot) const {
    return std::as_const(*state_).queue().pending(slot);
}

std::vector<directory_entry> message_plane::chats() const {
    return state_->chats().list();
}

std::vector<directory_entry> message_plane::chats(std::uint32_t slot) const {
    return state_->chats().list(slot);
}

}  // namespace gateway::route
