// Batches: from submit over the router and the journal to the instance's completion.
#include "route/plane_state.hpp"

namespace gateway::route {

gw_status message_plane::state::submit(std::uint32_t slot, message::batch&& what, commit_handler done,
                                       std::string* ret_fault) {
    auto* from = find(slot);
    if (from == nullptr) {
        return GW_ERR_STALE;
    }
    if (auto wrong = message::check(what); wrong.status != GW_OK) {
        return refuse(std::move(wrong), ret_fault);
    }
    const auto bytes = message::memory_bytes(what);
    if (from->uncommitted_batches >= max_uncommitted_batches ||
        (uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > max_uncommitted_bytes)) {
        return GW_ERR_BUSY;
    }
    auto context = std::make_shared<commit_context>();
    auto job = std::make_unique<store::commit_job>();
    const auto offered = what.events.size();
    std::erase_if(what.events,
                  [](const auto& each) { return each.kind != GW_EVENT_MESSAGE && each.kind != GW_EVENT_CHAT; });
    copies_.clear();
    context->verdicts.reserve(what.events.size());
    for (std::uint32_t i = 0; i < what.events.size(); ++i) {
        const auto before = copies_.size();
        const auto& event = what.events[i];
        context->verdicts.push_back(event.kind == GW_EVENT_MESSAGE ? router_.route(slot, event.message, copies_)
                                                                   : verdict::unroutable);
        for (auto each = before; each < copies_.size(); ++each) {
            if (lanes_.full(copies_[each].to)) {
                return GW_ERR_BUSY;
            }
            job->deliveries.emplace_back().event = i;
        }
    }
    const auto now = time_.now();
    for (std::size_t i = 0; i < copies_.size(); ++i) {
        auto& to = *find(copies_[i].to);
        auto& made = job->deliveries[i];
        made.to = to.id;
        made.what.id = journal_.new_delivery_id();
        made.what.message = std::move(copies_[i].message);
        made.handed = lanes_.submitted(copies_[i].to, made.what.message.chat, made.what.id,
                                       store::content_bytes(made.what.message), now);
        made.what.attempt = made.handed ? 1 : 0;
        ++to.uncommitted_deliveries;
        context->to.push_back({copies_[i].to, to.epoch});
    }
    counters_.in += offered;
    counters_.uncommitted += offered;
    ++from->uncommitted_batches;
    uncommitted_bytes_ += bytes;
    context->from = {slot, from->epoch};
    context->bytes = bytes;
    context->skipped = offered - what.events.size();
    context->done = std::move(done);
    job->from = from->id;
    job->unix_ms = time_.unix_ms();
    job->events = std::move(what.events);
    job->writes = std::move(what.writes);
    journal_.run(std::move(job), [this, context](store::commit_job& finished) { on_committed(*context, finished); });
    set_alarm();
    return GW_OK;
}

void message_plane::state::on_committed(commit_context& context, store::commit_job& job) {
    uncommitted_bytes_ -= context.bytes;
    count_events(context, job);
    release_deliveries(context, job);
    carry_out();
    if (auto* from = find(context.from); from != nullptr) {
        --from->uncommitted_batches;
        context.done(job.status);
    }
}

void message_plane::state::count_events(const commit_context& context, const store::commit_job& job) {
    const auto offered = job.events.size() + context.skipped;
    counters_.uncommitted -= offered;
    if (job.status != GW_OK) {
        counters_.failed_commits += offered;
        return;
    }
    counters_.directory += context.skipped;
    const bool is_there = find(context.from) != nullptr;
    for (std::size_t i = 0; i < job.events.size(); ++i) {
        const auto& event = job.events[i];
        if (job.duplicates[i]) {
            ++counters_.duplicates;
        } else if (event.kind == GW_EVENT_CHAT) {
            ++counters_.directory;
            if (is_there) {
                directory_.told(context.from.slot, event.chat, job.unix_ms);
            }
        } else {
            const auto found = context.verdicts[i];
            ++(found == verdict::own          ? counters_.own
               : found == verdict::unroutable ? counters_.unroutable
               : found == verdict::refused    ? counters_.refused
                                              : counters_.routed);
            if (is_there && found != verdict::answered && found != verdict::refused) {
                directory_.seen(context.from.slot, event.message.chat, job.unix_ms);
            }
        }
    }
}

void message_plane::state::release_deliveries(const commit_context& context, store::commit_job& job) {
    const auto now = time_.now();
    for (std::size_t i = 0; i < job.deliveries.size(); ++i) {
        auto& made = job.deliveries[i];
        const auto of = context.to[i];
        const bool is_kept = job.status == GW_OK && !job.duplicates[made.event];
        counters_.out += is_kept ? 1 : 0;
        auto* to = find(of);
        if (to == nullptr) {
            counters_.left += is_kept ? 1 : 0;
            continue;
        }
        --to->uncommitted_deliveries;
        if (is_kept) {
            lanes_.committed(of.slot, std::move(made.what), now, actions_);
        } else {
            lanes_.withdrawn(of.slot, made.what.message.chat, made.what.id, now, actions_);
        }
    }
}

}  // namespace gateway::route
