#include "telegram_sender.hpp"

#include "telegram_refusals.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gateway::telegram {
namespace {

using sdk::delivery_kind;
using sdk::receipt;

template <typename Jobs>
auto find_job(Jobs& jobs, sdk::delivery_id id) {
    return std::find_if(jobs.begin(), jobs.end(), [id](const auto& each) { return each.id == id; });
}

outgoing_file* file_to_get(order& what) {
    const auto at = what.kind == delivery_kind::message
                        ? std::find_if(what.files.begin(), what.files.end(),
                                       [](const outgoing_file& each) { return each.way == file_way::get; })
                        : what.files.end();
    return at == what.files.end() ? nullptr : &*at;
}

receipt counted(receipt what, std::uint32_t calls) {
    what.calls = calls;
    return what;
}

// The platform numbers the messages of a chat as they come.
void sort_ids(std::vector<std::string>& ret_ids) {
    std::sort(ret_ids.begin(), ret_ids.end(), [](const std::string& one, const std::string& other) {
        return std::pair(one.size(), std::string_view(one)) < std::pair(other.size(), std::string_view(other));
    });
}

bool may_pass(sdk::status result) {
    return result == sdk::status::network || result == sdk::status::timeout || result == sdk::status::io;
}

}  // namespace

sender_actions sender::deliver(const sdk::delivery_view& what, milliseconds now) {
    sender_actions out;
    if (what.kind == delivery_kind::typing) {
        type(what, now);
        continue_typing(now, out);
        return out;
    }
    if (closing_ || waiting_.size() + gathering_.size() >= max_waiting) {
        out.push_back(receipt::retry(what.id, closing_ ? "closing" : "busy", "This instance takes no more just now."));
        return out;
    }
    if (auto remembered = recall(what.id)) {
        enqueue(std::move(*remembered), out);
        return out;
    }
    auto read = read_delivery(what, own_name_);
    if (const auto* wrong = std::get_if<refusal>(&read)) {
        out.push_back(receipt::failed(what.id, wrong->code, wrong->text));
        return out;
    }
    gathering_.push_back({.id = what.id, .attempt = what.attempt, .what = std::move(std::get<order>(read))});
    if (file_to_get(gathering_.back().what) == nullptr) {
        gathered(gathering_.size() - 1, out);
    } else {
        gather(out);
    }
    return out;
}

// One file of a delivery at a time; those that came first have theirs first.
void sender::gather(sender_actions& out) {
    auto asked = static_cast<std::size_t>(
        std::count_if(gathering_.begin(), gathering_.end(), [](const job& each) { return each.asked; }));
    for (job& each : gathering_) {
        if (asked >= max_getting) {
            return;
        }
        if (!each.asked) {
            const outgoing_file* wanted = file_to_get(each.what);
            out.push_back(act::get_file{each.id, wanted->source, wanted->reference, max_upload_bytes});
            each.asked = true;
            ++asked;
        }
    }
}

void sender::gathered(std::size_t at, sender_actions& out) {
    job made = std::move(gathering_[at]);
    gathering_.erase(gathering_.begin() + static_cast<std::ptrdiff_t>(at));
    made.steps = steps_of(made.what);
    enqueue(std::move(made), out);
}

sender_actions sender::got(sdk::delivery_id id, const sdk::file& what) {
    sender_actions out;
    const auto at = find_job(gathering_, id);
    if (at == gathering_.end()) {
        return out;
    }
    at->asked = false;
    outgoing_file& file = *file_to_get(at->what);
    if (what.result == sdk::status::ok) {
        file.way = file_way::path;
        file.reference = what.path;
        file.size = what.size;
    } else if (!file.url.empty()) {
        file.way = file_way::url;
        file.reference = file.url;
    } else {
        file.way = file_way::none;
    }
    const bool over = what.result == sdk::status::too_large || file.size > max_upload_bytes;
    const bool again = file.way == file_way::none && may_pass(what.result) && at->attempt < file_attempts;
    if (over && file.way != file_way::url) {
        refusal why = too_large(file);
        out.push_back(receipt::failed(id, std::move(why.code), std::move(why.text)));
        gathering_.erase(at);
    } else if (again) {
        out.push_back(receipt::retry(id, what.code.empty() ? "file" : std::string(what.code),
                                     "A file of it could not be got: " + std::string(what.text)));
        gathering_.erase(at);
    } else if (file_to_get(at->what) == nullptr) {
        gathered(static_cast<std::size_t>(at - gathering_.begin()), out);
    }
    gather(out);
    return out;
}

void sender::enqueue(job made, sender_actions& out) {
    if (jobs_.size() < max_sending) {
        jobs_.push_back(std::move(made));
        send_step(jobs_.back(), out);
    } else {
        waiting_.push_back(std::move(made));
    }
}

void sender::send_step(job& what, sender_actions& out) {
    const step& now = what.steps[what.next];
    const bool files = !now.files.empty();
    request made = request_for(what.what, now, what.next == 0);
    what.method = made.method;
    ++what.calls;
    out.push_back(act::send{.id = what.id,
                            .what = std::move(made),
                            .idle_timeout = files ? file_idle_timeout : send_timeout,
                            .total_timeout = files ? file_total_timeout : send_timeout});
}

sender_actions sender::answered(sdk::delivery_id id, const answer& given, milliseconds now) {
    sender_actions out;
    const auto at = find_job(jobs_, id);
    if (at == jobs_.end()) {
        return out;
    }
    const bool done = given.kind == answer_kind::result || is_done_already(at->steps[at->next].kind, given);
    if (done) {
        advance(*at, given);
    }
    if (done ? at->next < at->steps.size() : mend(*at, given)) {
        send_step(*at, out);
        return out;
    }
    job over = std::move(*at);
    jobs_.erase(at);
    out.push_back(receipt_for(over, given, now));
    if (is_unauthorized(given)) {
        out.push_back(act::unauthorized{failure_of(given, over.method)});
    }
    start_waiting(out);
    return out;
}

// The step under way is done.
void sender::advance(job& what, const answer& given) {
    const step& now = what.steps[what.next++];
    std::vector<std::string> ids;
    if (now.kind == step_kind::edit_text || now.kind == step_kind::edit_caption) {
        ids.push_back(std::to_string(now.messages.front()));
    } else if (now.kind != step_kind::remove && now.kind != step_kind::react) {
        ids = parse_sent_ids(*given.result);
    }
    for (const std::int64_t kept : now.kept) {
        ids.push_back(std::to_string(kept));
    }
    what.sent.insert(what.sent.end(), ids.begin(), ids.end());
}

// Changes the step where the answer says how it would work; once per reason.
bool sender::mend(job& what, const answer& given) {
    if (refuses_file(given)) {
        return split_album(what.steps, what.next) || name_file(what.steps, what.next);
    }
    if (refuses_kind(given)) {
        return split_album(what.steps, what.next) || send_as_document(what.steps, what.next);
    }
    if (given.kind != answer_kind::refused || given.code != 400) {
        return false;
    }
    if (has_no_text(given)) {
        return edit_caption_instead(what.steps, what.next);
    }
    place& where = what.what.where;
    // The messages of a group have other numbers in the supergroup.
    if (given.migrate_to && !is_repeatable(what.steps[what.next].kind) && !std::exchange(what.migrated, true)) {
        where.chat = std::to_string(*given.migrate_to);
        return true;
    }
    if (where.thread && given.says("message thread not found")) {
        where.thread.reset();
        return true;
    }
    return false;
}

receipt sender::receipt_for(job& what, const answer& given, milliseconds now) {
    const std::uint32_t calls = what.calls;
    if (what.next == what.steps.size()) {
        if (what.what.kind == delivery_kind::message) {
            typing_.hide(what.what.where.chat, what.what.where.thread);
        } else {
            sort_ids(what.sent);
        }
        what.sent.resize(std::min<std::size_t>(what.sent.size(), GW_MAX_MESSAGE_IDS));
        return counted(receipt::sent(what.id, std::move(what.sent)), calls);
    }
    if (is_final(given)) {
        std::string text = given.kind != answer_kind::refused ? failure_of(given, what.method).text
                           : given.text.empty()               ? "Telegram refused it without a reason."
                                                              : given.text;
        if (what.next != 0) {
            text += " (" + std::to_string(what.next) + " of " + std::to_string(what.steps.size()) +
                    " pieces of it were sent before.)";
        }
        return counted(receipt::failed(what.id, refusal_code(given), std::move(text)), calls);
    }
    const sdk::delivery_id id = what.id;
    sdk::failure why = failure_of(given, what.method);
    const bool twice_is_once = is_repeatable(what.steps[what.next].kind);
    const std::string chat = what.what.where.chat;
    if (what.next != 0) {
        if (interrupted_.size() >= max_remembered) {
            interrupted_.erase(interrupted_.begin());
        }
        what.calls = 0;
        interrupted_.push_back(std::move(what));
    }
    if (given.kind != answer_kind::none && given.code == 429) {
        const auto length = given.retry_after.value_or(milliseconds{0});
        return counted(
            receipt::retry(id, std::move(why.code), std::move(why.text), length, pause_after(chat, length, now)),
            calls);
    }
    // Certain not to be sent: no byte went out, or a refusal or a redirect came back. After a server's error, or half
    // an answer, who knows.
    const bool certain = given.kind == answer_kind::none ? !given.maybe_written : given.code >= 300 && given.code < 500;
    return counted(certain || twice_is_once ? receipt::retry(id, std::move(why.code), std::move(why.text))
                                            : receipt::unknown(id, std::move(why.code), std::move(why.text)),
                   calls);
}

sdk::pause_scope sender::pause_after(const std::string& chat, milliseconds length, milliseconds now) {
    const bool account = pause_ && now < pause_->until && pause_->chat != chat;
    if (!account) {
        pause_ = pause{chat, now + length};
    }
    typing_.pause(account ? std::string{} : chat, now + length, now);
    return account ? sdk::pause_scope::instance : sdk::pause_scope::chat;
}

void sender::start_waiting(sender_actions& out) {
    while (!waiting_.empty() && jobs_.size() < max_sending) {
        job next = std::move(waiting_.front());
        waiting_.erase(waiting_.begin());
        enqueue(std::move(next), out);
    }
}

void sender::type(const sdk::delivery_view& what, milliseconds now) {
    const auto where = read_place(what.message);
    if (!where || closing_) {
        return;
    }
    if (what.message.has(GW_MESSAGE_REMOVED)) {
        typing_.hide(where->chat, where->thread);
    } else {
        typing_.show(where->chat, where->thread, now);
    }
}

void sender::continue_typing(milliseconds now, sender_actions& out) {
    const auto busy = [this](const std::string& chat) {
        return std::any_of(jobs_.begin(), jobs_.end(), [&](const job& each) { return each.what.where.chat == chat; });
    };
    for (typing::turn& each : typing_.due(now, busy)) {
        request made = typing_request(each.chat, each.thread);
        out.push_back(act::type{std::move(each), std::move(made)});
    }
    const auto next = typing_.next();
    if (next && (!tick_at_ || *next < *tick_at_)) {
        tick_at_ = next;
        out.push_back(act::tick_after{*next - now});
    }
}

void sender::typed(const typing::turn& where, const answer& given, milliseconds now) {
    typing_.told();
    if (given.kind != answer_kind::none && given.code == 429) {
        pause_after(where.chat, given.retry_after.value_or(milliseconds{0}), now);
    } else if (is_final(given)) {
        typing_.hide(where.chat, where.thread);
    }
}

sender_actions sender::tick(milliseconds now) {
    sender_actions out;
    tick_at_.reset();
    continue_typing(now, out);
    return out;
}

sender_actions sender::close() {
    closing_ = true;
    typing_.hide_all();
    sender_actions out;
    for (auto* list : {&gathering_, &waiting_}) {
        for (const job& each : std::exchange(*list, {})) {
            out.push_back(receipt::retry(each.id, "closing", "The connection is closed before this was begun."));
        }
    }
    return out;
}

sender_actions sender::give_up() {
    sender_actions out;
    for (const job& each : std::exchange(jobs_, {})) {
        const char* text = "The connection was closed before the answer came.";
        const bool twice_is_once = is_repeatable(each.steps[each.next].kind);
        out.push_back(counted(
            twice_is_once ? receipt::retry(each.id, "closing", text) : receipt::unknown(each.id, "closing", text),
            each.calls));
    }
    return out;
}

std::optional<sender::job> sender::recall(sdk::delivery_id id) {
    const auto at = find_job(interrupted_, id);
    if (at == interrupted_.end()) {
        return std::nullopt;
    }
    job found = std::move(*at);
    interrupted_.erase(at);
    return found;
}

}  // namespace gateway::telegram
