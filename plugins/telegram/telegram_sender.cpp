#include "telegram_sender.hpp"

#include "markdown_reader.hpp"
#include "telegram_entities.hpp"
#include "telegram_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway::telegram {
namespace {

using sdk::receipt;

bool is_address(std::string_view chat) {
    return parse_number(chat).has_value() || (chat.size() > 1 && chat.front() == '@');
}

// The refusals that people meet, under names that last.
std::string refusal_code(const answer& given) {
    struct known {
        std::string_view words;
        std::string_view code;
    };
    constexpr std::array<known, 11> all{{{"chat not found", "chat_not_found"},
                                         {"bot was blocked", "blocked"},
                                         {"bot was kicked", "kicked"},
                                         {"bot is not a member", "not_member"},
                                         {"user is deactivated", "deactivated"},
                                         {"not enough rights", "no_rights"},
                                         {"have no rights", "no_rights"},
                                         {"message text is empty", "empty"},
                                         {"message is too long", "too_long"},
                                         {"topic_closed", "topic_closed"},
                                         {"thread not found", "thread_not_found"}}};
    for (const known& each : all) {
        if (given.says(each.words)) {
            return std::string(each.code);
        }
    }
    return "http_" + std::to_string(given.code);
}

std::string or_else(const std::string& text, const char* otherwise) {
    return text.empty() ? otherwise : text;
}

}  // namespace

sender_actions sender::deliver(const sdk::delivery_view& what) {
    sender_actions out;
    job made{.id = what.id,
             .target = {.chat = std::string(what.message.chat),
                        .text = {},
                        .thread = parse_number(what.message.thread),
                        .reply_to = parse_number(what.message.reply_to)}};
    if (!is_address(what.message.chat) || (!what.message.thread.empty() && !made.target.thread)) {
        out.push_back(
            receipt::failed(what.id, "bad_address", "A Telegram chat is a number or @name, and a thread is a number."));
        return out;
    }
    made.pieces = split_text(markdown::read(what.message.text));
    if (made.pieces.empty()) {
        out.push_back(receipt::failed(what.id, "empty", "There is no text to send."));
        return out;
    }
    if (closing_ || waiting_.size() >= max_waiting) {
        out.push_back(receipt::retry(what.id, closing_ ? "closing" : "busy", "This instance takes no more just now."));
        return out;
    }
    made.next = std::min(recall(what.id), made.pieces.size() - 1);
    if (jobs_.size() < max_sending) {
        start(std::move(made), out);
    } else {
        waiting_.push_back(std::move(made));
    }
    return out;
}

void sender::start(job what, sender_actions& out) {
    jobs_.push_back(std::move(what));
    send_piece(jobs_.back(), out);
}

void sender::send_piece(job& what, sender_actions& out) {
    outgoing_text piece = what.target;
    piece.text = what.pieces[what.next].text;
    piece.entities = to_entities(what.pieces[what.next]);
    if (what.next != 0) {
        piece.reply_to.reset();  // the first one answers; the others follow it
    }
    out.push_back(act::send{what.id, send_message_request(piece)});
}

sender_actions sender::answered(sdk::delivery_id id, const answer& given, std::chrono::milliseconds now) {
    sender_actions out;
    const auto at = std::find_if(jobs_.begin(), jobs_.end(), [id](const job& each) { return each.id == id; });
    if (at == jobs_.end()) {
        return out;
    }
    if (given.kind == answer_kind::result && at->next + 1 < at->pieces.size()) {
        ++at->next;
        send_piece(*at, out);
        return out;
    }
    if (mend(*at, given, out)) {
        return out;
    }
    out.push_back(receipt_for(*at, given, now));
    if (is_unauthorized(given)) {
        out.push_back(act::unauthorized{failure_of(given, "sendMessage")});
    }
    jobs_.erase(at);
    start_waiting(out);
    return out;
}

// Sends the piece again where the answer says how it would work; once per reason.
bool sender::mend(job& what, const answer& given, sender_actions& out) {
    if (given.kind != answer_kind::refused || given.code != 400) {
        return false;
    }
    if (given.migrate_to && !std::exchange(what.migrated, true)) {
        what.target.chat = std::to_string(*given.migrate_to);
    } else if (what.target.thread && given.says("message thread not found")) {
        what.target.thread.reset();
    } else {
        return false;
    }
    send_piece(what, out);
    return true;
}

receipt sender::receipt_for(const job& what, const answer& given, std::chrono::milliseconds now) {
    if (given.kind == answer_kind::result) {
        return receipt::sent(what.id, parse_sent_id(*given.result));
    }
    const bool refused = given.kind == answer_kind::refused;
    if (refused && given.code < 500 && given.code != 429 && !is_unauthorized(given)) {
        std::string text = or_else(given.text, "Telegram refused it without a reason.");
        if (what.next != 0) {
            text += " (" + std::to_string(what.next) + " of " + std::to_string(what.pieces.size()) +
                    " pieces of the text were sent before.)";
        }
        return receipt::failed(what.id, refusal_code(given), std::move(text));
    }
    remember(what);
    sdk::failure why = failure_of(given, "sendMessage");
    if (given.kind != answer_kind::none && given.code == 429) {
        const auto length = given.retry_after.value_or(std::chrono::milliseconds{0});
        return receipt::retry(what.id, std::move(why.code), std::move(why.text), length,
                              scope_of_pause(what.target.chat, length, now));
    }
    // Certain not to be sent: no byte went out, or a refusal or a redirect came back. After a server's error, or half
    // an answer, who knows.
    const bool certain = given.kind == answer_kind::none ? !given.maybe_written : given.code >= 300 && given.code < 500;
    return certain ? receipt::retry(what.id, std::move(why.code), std::move(why.text))
                   : receipt::unknown(what.id, std::move(why.code), std::move(why.text));
}

sdk::pause_scope sender::scope_of_pause(const std::string& chat, std::chrono::milliseconds length,
                                        std::chrono::milliseconds now) {
    const bool account = pause_ && now < pause_->until && pause_->chat != chat;
    if (!account) {
        pause_ = pause{chat, now + length};
    }
    return account ? sdk::pause_scope::instance : sdk::pause_scope::chat;
}

void sender::start_waiting(sender_actions& out) {
    while (!waiting_.empty() && jobs_.size() < max_sending) {
        job next = std::move(waiting_.front());
        waiting_.erase(waiting_.begin());
        start(std::move(next), out);
    }
}

sender_actions sender::close() {
    closing_ = true;
    sender_actions out;
    for (const job& each : std::exchange(waiting_, {})) {
        out.push_back(receipt::retry(each.id, "closing", "The connection is closed before this was begun."));
    }
    return out;
}

sender_actions sender::give_up() {
    sender_actions out;
    for (const job& each : std::exchange(jobs_, {})) {
        out.push_back(receipt::unknown(each.id, "closing", "The connection was closed before the answer came."));
    }
    return out;
}

void sender::remember(const job& what) {
    if (what.next == 0) {
        return;
    }
    if (interrupted_.size() >= max_remembered) {
        interrupted_.erase(interrupted_.begin());
    }
    interrupted_.push_back({what.id, what.next});
}

std::size_t sender::recall(sdk::delivery_id id) {
    const auto at =
        std::find_if(interrupted_.begin(), interrupted_.end(), [id](const interrupted& each) { return each.id == id; });
    if (at == interrupted_.end()) {
        return 0;
    }
    const std::size_t next = at->next;
    interrupted_.erase(at);
    return next;
}

}  // namespace gateway::telegram
