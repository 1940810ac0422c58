// Deliveries: from the lanes over the journal to an instance, and their receipts back.
#include "log/log.hpp"
#include "message/utf8.hpp"
#include "route/plane_state.hpp"

namespace gateway::route {
namespace {

void cut(std::string& text, std::size_t max_bytes) {
    text.resize(message::utf8_prefix(text, max_bytes).size());
}

}  // namespace

void message_plane::state::on_marked(tenant of, const std::string& chat, std::uint32_t run, store::mark_job& job) {
    if (find(of) == nullptr) {
        return;
    }
    const auto now = time_.now();
    for (std::size_t i = 0; i < job.marks.size(); ++i) {
        const bool is_gone = job.status == GW_OK && job.contents[i] == nullptr;
        if (job.status != GW_OK || is_gone) {
            lanes_.mark_failed(of.slot, chat, job.marks[i].id, run, is_gone, now, actions_);
        }
    }
    if (job.status == GW_OK) {
        lanes_.marked(of.slot, chat, run, std::move(job.contents), now, actions_);
    }
    carry_out();
}

std::unique_ptr<message::delivery> message_plane::state::take(std::uint32_t slot, std::uint64_t id) {
    auto taken = lanes_.take(slot, id, time_.now());
    if (taken != nullptr) {
        ++counters_.handed;
        counters_.repeated += (taken->flags & GW_DELIVERY_REPEATED) != 0 ? 1 : 0;
    }
    return taken;
}

gw_status message_plane::state::receipt(std::uint32_t slot, message::receipt&& what, std::string* ret_fault) {
    if (auto wrong = message::check(what); wrong.status != GW_OK) {
        return refuse(std::move(wrong), ret_fault);
    }
    cut(what.code, GW_MAX_CODE_BYTES);
    cut(what.text, GW_MAX_REASON_BYTES);
    if (find(slot) == nullptr || !lanes_.receipt(slot, std::move(what), time_.now(), actions_)) {
        return GW_ERR_NOT_FOUND;
    }
    carry_out();
    return GW_OK;
}

// A step may add more.
void message_plane::state::carry_out() {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
        std::visit([this](auto&& what) { carry_out(what); }, action(std::move(actions_[i])));
    }
    actions_.clear();
    set_alarm();
}

void message_plane::state::carry_out(mark_action& what) {
    const auto& to = *find(what.slot);
    auto job = std::make_unique<store::mark_job>();
    job->to = to.id;
    job->marks = std::move(what.marks);
    journal_.run(std::move(job), [this, of = tenant{what.slot, to.epoch}, chat = std::move(what.chat),
                                  run = what.run](store::mark_job& done) { on_marked(of, chat, run, done); });
}

// What could not be written is not written later: it would undo a mark that was made meanwhile. The worst of it is a
// delivery that says needlessly that it is repeated.
void message_plane::state::carry_out(unmark_action& what) {
    const auto& to = *find(what.slot);
    if (!what.code.empty()) {
        log::debug(
            "a delivery is repeated later",
            {{"instance", to.name}, {"chat", what.chat}, {"delivery", what.marks.front().id}, {"code", what.code}});
    }
    auto job = std::make_unique<store::mark_job>();
    job->to = to.id;
    job->marks = std::move(what.marks);
    journal_.run(std::move(job), [](store::mark_job&) {});
}

void message_plane::state::carry_out(deliver_action& what) {
    if (!port_.deliver(what.slot, what.id)) {
        lanes_.closing(what.slot, actions_);
    }
}

void message_plane::state::carry_out(record_action& what) {
    tell(what);
    auto job = std::make_unique<store::record_job>();
    job->to = find(what.slot)->id;
    job->chat = std::move(what.chat);
    job->id = what.id;
    job->outcome = what.outcome;
    job->message_id = std::move(what.message_id);
    job->code = std::move(what.code);
    job->unix_ms = time_.unix_ms();
    record(std::move(job));
}

void message_plane::state::tell(const record_action& what) {
    switch (what.outcome) {
        case GW_OUTCOME_SENT:
            ++counters_.sent;
            break;
        case GW_OUTCOME_FAILED:
            ++counters_.failed;
            warn("a delivery failed", what);
            break;
        case GW_OUTCOME_UNKNOWN:
            ++counters_.unknown;
            warn("a delivery was dropped: nobody knows whether it was sent, and it was repeated already", what);
            break;
        default:
            break;
    }
}

void message_plane::state::warn(std::string_view message, const record_action& about) {
    auto& to = *find(about.slot);
    const auto admitted = to.lines.admit(time_.now());
    if (admitted.suppressed > 0) {
        log::warning("more deliveries failed than are listed", {{"instance", to.name}, {"count", admitted.suppressed}});
    }
    if (admitted.pass) {
        log::warning(message, {{"instance", to.name},
                               {"chat", about.chat},
                               {"delivery", about.id},
                               {"code", about.code},
                               {"reason", about.text}});
    }
}

// An end that could not be written is written when the disk works again.
void message_plane::state::record(std::unique_ptr<store::record_job> job) {
    journal_.run(std::move(job), [this](store::record_job& done) {
        if (done.status == GW_ERR_IO) {
            unrecorded_.push_back(std::make_unique<store::record_job>(std::move(done)));
            retry_at_ = time_.now() + journal_retry;
            set_alarm();
        }
    });
}

}  // namespace gateway::route
