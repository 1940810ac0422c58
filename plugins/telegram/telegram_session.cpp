#include "telegram_session.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gateway::telegram {
namespace {

constexpr std::string_view method_of(call_kind kind) {
    switch (kind) {
        case call_kind::get_me:
            return "getMe";
        case call_kind::poll:
            return "getUpdates";
        case call_kind::delete_webhook:
            break;
    }
    return "deleteWebhook";
}

constexpr std::int64_t small_answer_bytes = 256 * 1024;

act::call short_call(call_kind kind, request what) {
    return {kind, std::move(what), session::call_timeout, session::call_timeout, small_answer_bytes};
}

bool is_stall(const answer& given) {
    return given.kind == answer_kind::none && (given.host_code == "timeout_idle" || given.host_code == "timeout_total");
}

}  // namespace

session_actions session::step(const session_event& event, milliseconds now) {
    session_actions out;
    now_ = now;
    if (phase_ != phase::over || std::holds_alternative<on::close>(event)) {
        std::visit([&](const auto& what) { handle(what, out); }, event);
    }
    return out;
}

void session::handle(const on::connect&, session_actions& out) {
    phase_ = phase::reading;
    out.push_back(act::read_offset{});
    out.push_back(short_call(call_kind::get_me, get_me_request()));
}

void session::handle(const on::offset_read& event, session_actions& out) {
    assert(phase_ == phase::reading);
    if (event.result == sdk::status::ok) {
        offset_ = parse_number(event.value);
        if (!offset_ || *offset_ < 0) {
            offset_.reset();
            out.push_back(act::log{sdk::log_level::warning,
                                   "The stored offset is no number: starting with what Telegram still keeps."});
        }
    } else if (event.result != sdk::status::not_found) {
        fail({.cls = sdk::failure_class::internal, .code = "store", .text = "The offset could not be read."}, out);
        return;
    }
    poll(out);
}

void session::handle(const on::answered& event, session_actions& out) {
    switch (event.call) {
        case call_kind::get_me:
            know_account(event.given, out);
            return;
        case call_kind::delete_webhook:
            if (event.given.kind == answer_kind::result) {
                poll(out);
            } else {
                fail(failure_of(event.given, method_of(event.call)), out);
            }
            return;
        case call_kind::poll:
            if (event.given.kind == answer_kind::result) {
                take_answer(event.given, out);
            } else {
                polling_failed(event.given, out);
            }
            return;
    }
}

void session::know_account(answer& given, session_actions& out) {
    if (given.kind == answer_kind::result) {
        account_ = parse_account(*given.result);
    }
    if (!account_) {
        const auto method = method_of(call_kind::get_me);
        fail(given.kind == answer_kind::result ? wrong_result(given, method, "an object whose 'id' is a whole number")
                                               : failure_of(given, method),
             out);
        return;
    }
    prove(out);
    if (early_) {
        const boost::json::value updates = std::move(*early_);
        early_.reset();
        take_updates(updates.get_array(), out);
    }
}

void session::take_answer(answer& given, session_actions& out) {
    const boost::json::array* updates = given.result->if_array();
    if (updates == nullptr) {
        fail(wrong_result(given, method_of(call_kind::poll), "a list of updates"), out);
        return;
    }
    const bool waited = std::exchange(accepted_, true);
    prove(out);
    if (!updates->empty()) {
        if (account_) {
            take_updates(*updates, out);
        } else {
            early_.emplace(std::move(*given.result));
        }
        return;
    }
    const milliseconds took = now_ - polled_at_;
    if (waited && took < least_poll_interval) {
        pause(least_poll_interval - took, out);
    } else {
        poll(out);
    }
}

void session::take_updates(const boost::json::array& updates, session_actions& out) {
    received_ = inbox_.read(updates, {.own_id = account_->id,
                                      .username = account_->name,
                                      .addressed_only = settings_.addressed_only,
                                      .chat_members = settings_.chat_members});
    if (!received_.next_offset && !received_.waits) {  // Polling again would bring the same for ever, and at once.
        received_ = {};
        fail({.code = "bad_answer", .text = "getUpdates got updates without any usable update_id."}, out);
        return;
    }
    report(out);
    for (std::string& query : received_.queries) {
        out.push_back(act::answer_query{std::move(query)});
    }
    if (!received_.next_offset) {
        pause(album_pause, out);
        return;
    }
    received_.events.put(offset_key, std::to_string(*received_.next_offset));
    pause_ = milliseconds::zero();
    phase_ = phase::storing;
    out.push_back(act::store{});
}

// What could not be taken as it was, in the log.
void session::report(session_actions& out) {
    if (const std::size_t count = received_.unreadable.size(); count != 0) {
        out.push_back(act::log{
            sdk::log_level::warning,
            (count == 1
                 ? "One of Telegram's updates cannot be read and is skipped: "
                 : std::to_string(count) + " of Telegram's updates cannot be read and are skipped; of the first ") +
                received_.unreadable.front() + "."});
    }
    const auto tell = [&out](std::string_view what, std::size_t count, std::uint64_t& ret_total,
                             const std::string& first) {
        if (count != 0) {
            ret_total += count;
            out.push_back(act::log{sdk::log_level::debug, std::string(what)
                                                                  .append(": ")
                                                                  .append(std::to_string(count))
                                                                  .append(" (")
                                                                  .append(std::to_string(ret_total)) +
                                                              " so far)" +
                                                              (first.empty() ? "" : ", the first: " + first) + "."});
        }
    };
    tell("Updates left out", received_.left_out, left_out_, received_.first_left_out);
    tell("Contents that are only named", received_.named_only, named_only_, received_.first_named_only);
    tell("Entities of unknown kinds, left as plain text", received_.unknown_entities, unknown_entities_, {});
}

void session::pause(milliseconds delay, session_actions& out) {
    phase_ = phase::pausing;
    out.push_back(act::wait{delay});
}

void session::polling_failed(const answer& given, session_actions& out) {
    if (is_webhook_active(given) && !unhooked_) {
        unhooked_ = true;
        phase_ = phase::unhooking;
        out.push_back(act::log{sdk::log_level::warning,
                               "A webhook is set for this bot, which forbids polling: it is deleted now."});
        out.push_back(short_call(call_kind::delete_webhook, delete_webhook_request()));
        return;
    }
    if (is_stall(given)) {
        const auto allowed = std::chrono::duration_cast<std::chrono::seconds>(now_ - polled_at_);
        fail({.code = "poll_stalled",
              .text = "getUpdates was silent for " + std::to_string(allowed.count()) +
                      " s, longer than a poll may take: the connection is dead."},
             out);
        return;
    }
    fail(failure_of(given, method_of(call_kind::poll)), out);
}

void session::handle(const on::busy&, session_actions& out) {
    assert(phase_ == phase::storing);
    hold(first_busy_pause, longest_busy_pause, out);
}

void session::handle(const on::committed& event, session_actions& out) {
    assert(phase_ == phase::storing);
    if (event.result != sdk::status::ok) {
        if (pause_ < first_failed_pause) {
            out.push_back(act::log{sdk::log_level::warning,
                                   "Messages could not be stored (" + std::string(sdk::to_string(event.result)) +
                                       "): they are kept, not acknowledged, and stored again until it works."});
        }
        hold(first_failed_pause, longest_failed_pause, out);
        return;
    }
    offset_ = received_.next_offset;
    const bool waits = received_.waits;
    received_ = {};
    if (waits) {
        pause(album_pause, out);
    } else {
        poll(out);
    }
}

void session::hold(milliseconds first, milliseconds longest, session_actions& out) {
    pause_ = std::clamp(pause_ * 2, first, longest);
    phase_ = phase::holding;
    out.push_back(act::wait{pause_});
}

void session::handle(const on::due&, session_actions& out) {
    if (phase_ == phase::pausing) {
        poll(out);
        return;
    }
    assert(phase_ == phase::holding);
    phase_ = phase::storing;
    out.push_back(act::store{});
}

void session::handle(const on::unauthorized& event, session_actions& out) {
    fail(event.why, out);
}

void session::handle(const on::close&, session_actions& out) {
    phase_ = phase::over;
    out.push_back(act::cancel_all{});
}

void session::poll(session_actions& out) {
    const auto timeout = accepted_ ? settings_.poll_timeout : std::chrono::seconds{0};
    const milliseconds idle = accepted_ ? timeout + poll_slack : call_timeout;
    phase_ = phase::polling;
    polled_at_ = now_;
    out.push_back(act::call{call_kind::poll, get_updates_request(offset_, timeout, settings_.chat_members), idle,
                            idle + body_time, max_answer_bytes});
}

void session::prove(session_actions& out) {
    if (account_ && accepted_ && !connected_) {
        connected_ = true;
        out.push_back(act::connected{*account_});
    }
}

void session::fail(sdk::failure why, session_actions& out) {
    phase_ = phase::over;
    out.push_back(act::lost{std::move(why)});
}

}  // namespace gateway::telegram
