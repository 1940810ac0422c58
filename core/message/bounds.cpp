#include "message/bounds.hpp"

#include "message/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace gateway::message {
namespace {

// Collects the first thing wrong; the place is only put into words when there is one.
class checker {
public:
    explicit checker(std::string_view place) : place_(place) {}

    void at(std::size_t index) { index_ = index; }

    // True when the text is right.
    bool text(std::string_view field, std::string_view value, std::size_t max_bytes) {
        if (value.size() > max_bytes) {
            return fail(GW_ERR_LIMIT, field,
                        "has " + std::to_string(value.size()) + " bytes; at most " + std::to_string(max_bytes) +
                            " are allowed");
        }
        return is_utf8(value) || fail(GW_ERR_UTF8, field, "is not valid UTF-8");
    }

    bool needed(std::string_view field, std::string_view value, std::size_t max_bytes) {
        return value.empty() ? fail(GW_ERR_INVALID, field, "must not be empty") : text(field, value, max_bytes);
    }

    bool fail(gw_status status, std::string_view field, const std::string& what) {
        found_ = {status, std::string(place_) + " " + std::to_string(index_) + ": " + std::string(field) + " " + what};
        return false;
    }

    [[nodiscard]] fault& found() { return found_; }

private:
    std::string_view place_;
    std::size_t index_ = 0;
    fault found_;
};

bool check_sender(checker& is, const std::optional<sender>& who) {
    return !who || (is.text("a sender's id", who->id, GW_MAX_ID_BYTES) &&
                    is.text("a sender's name", who->name, GW_MAX_NAME_BYTES));
}

bool check_attachment(checker& is, const attachment& what) {
    return is.text("an attachment's source", what.source, GW_MAX_ID_BYTES) &&
           is.text("an attachment's id", what.id, GW_MAX_NAME_BYTES) &&
           is.text("an attachment's url", what.url, GW_MAX_URL_BYTES) &&
           is.text("an attachment's path", what.path, GW_MAX_URL_BYTES) &&
           is.text("an attachment's name", what.name, GW_MAX_NAME_BYTES) &&
           is.text("an attachment's mime_type", what.mime_type, GW_MAX_ID_BYTES) &&
           is.text("an attachment's text", what.text, GW_MAX_NAME_BYTES) &&
           (what.size >= 0 && what.duration_ms >= 0 ? true
                                                    : is.fail(GW_ERR_INVALID, "an attachment's size or duration",
                                                              "is negative; 0 says that it is not known")) &&
           (what.id.empty() && what.url.empty() && what.path.empty()
                ? is.fail(GW_ERR_INVALID, "an attachment", "has neither id nor url nor path; one of them is needed")
                : true);
}

bool check_button(checker& is, const button& what) {
    return is.needed("a button's text", what.text, GW_MAX_NAME_BYTES) &&
           is.text("a button's data", what.data, GW_MAX_ID_BYTES) &&
           is.text("a button's url", what.url, GW_MAX_URL_BYTES) &&
           (what.data.empty() != what.url.empty()
                ? true
                : is.fail(GW_ERR_INVALID, "a button", "needs data or a url, not both"));
}

bool check_count(checker& is, std::string_view field, std::size_t count, std::size_t most) {
    return count <= most ||
           is.fail(GW_ERR_LIMIT, field,
                   "are " + std::to_string(count) + "; at most " + std::to_string(most) + " are allowed");
}

bool check_enclosure(checker& is, const enclosure& what) {
    return check_count(is, "the attachments", what.attachments.size(), GW_MAX_ATTACHMENTS) &&
           check_count(is, "the buttons", what.buttons.size(), GW_MAX_BUTTONS) &&
           std::ranges::all_of(what.attachments, [&](const auto& each) { return check_attachment(is, each); }) &&
           std::ranges::all_of(what.buttons, [&](const auto& each) { return check_button(is, each); }) &&
           (!what.quote || (is.text("the quote's text", what.quote->text, GW_MAX_TEXT_BYTES) &&
                            check_sender(is, what.quote->sender))) &&
           check_sender(is, what.forwarded_from);
}

bool check_message(checker& is, const message& what) {
    return is.text("the message's id", what.id, GW_MAX_ID_BYTES) && is.needed("the chat", what.chat, GW_MAX_ID_BYTES) &&
           is.text("the thread", what.thread, GW_MAX_ID_BYTES) && is.text("reply_to", what.reply_to, GW_MAX_ID_BYTES) &&
           is.text("the text", what.text, GW_MAX_TEXT_BYTES) && is.text("extra", what.extra, GW_MAX_EXTRA_BYTES) &&
           check_sender(is, what.sender) && (!what.enclosed || check_enclosure(is, *what.enclosed));
}

bool check_event(checker& is, const event& what) {
    if (!is.text("dedupe_id", what.dedupe_id, GW_MAX_ID_BYTES)) {
        return false;
    }
    switch (what.kind) {
        case GW_EVENT_MESSAGE:
            return check_message(is, what.message);
        case GW_EVENT_EDIT:
        case GW_EVENT_DELETE:
        case GW_EVENT_REACTION:
        case GW_EVENT_INTERACTION:
            return is.needed("the message's id", what.message.id, GW_MAX_ID_BYTES) && check_message(is, what.message);
        case GW_EVENT_MEMBER:
        case GW_EVENT_TYPING:
            return check_message(is, what.message);
        case GW_EVENT_CHAT:
            return is.needed("the chat's id", what.chat.id, GW_MAX_ID_BYTES) &&
                   is.text("the chat's title", what.chat.title, GW_MAX_NAME_BYTES) &&
                   is.text("the chat's previous_id", what.chat.previous_id, GW_MAX_ID_BYTES);
        default:
            return true;
    }
}

std::size_t memory_bytes(const std::optional<sender>& who) {
    return who ? who->id.size() + who->name.size() : 0;
}

std::size_t memory_bytes(const enclosure& what) {
    std::size_t bytes = sizeof what + (what.quote ? what.quote->text.size() + memory_bytes(what.quote->sender) : 0) +
                        memory_bytes(what.forwarded_from);
    for (const auto& each : what.attachments) {
        bytes += sizeof each + each.source.size() + each.id.size() + each.url.size() + each.path.size() +
                 each.name.size() + each.mime_type.size() + each.text.size();
    }
    for (const auto& each : what.buttons) {
        bytes += sizeof each + each.text.size() + each.data.size() + each.url.size();
    }
    return bytes;
}

std::size_t memory_bytes(const message& what) {
    return what.id.size() + what.chat.size() + what.thread.size() + what.reply_to.size() + what.text.size() +
           what.extra.size() + memory_bytes(what.sender) + (what.enclosed ? memory_bytes(*what.enclosed) : 0);
}

}  // namespace

fault check(const batch& value) {
    if (value.events.size() > max_batch_events || value.writes.size() > max_batch_writes) {
        return {GW_ERR_LIMIT, "the batch has " + std::to_string(value.events.size()) + " events and " +
                                  std::to_string(value.writes.size()) + " writes; at most " +
                                  std::to_string(max_batch_events) + " and " + std::to_string(max_batch_writes) +
                                  " are allowed"};
    }
    checker events("event");
    for (std::size_t i = 0; i < value.events.size(); ++i) {
        events.at(i);
        if (!check_event(events, value.events[i])) {
            return std::move(events.found());
        }
    }
    checker writes("write");
    for (std::size_t i = 0; i < value.writes.size(); ++i) {
        writes.at(i);
        const auto& write = value.writes[i];
        if (!writes.needed("the key", write.key, max_key_bytes)) {
            return std::move(writes.found());
        }
        if (write.value && write.value->size() > max_value_bytes) {
            writes.fail(GW_ERR_LIMIT, "the value",
                        "has " + std::to_string(write.value->size()) + " bytes; at most " +
                            std::to_string(max_value_bytes) + " are allowed");
            return std::move(writes.found());
        }
    }
    return {};
}

fault check(const receipt& value) {
    checker is("receipt of delivery");
    is.at(value.delivery);
    if (value.outcome < GW_OUTCOME_SENT || value.outcome > GW_OUTCOME_UNKNOWN) {
        is.fail(GW_ERR_INVALID, "the outcome", "is none of GW_OUTCOME_*");
    } else if (value.outcome == GW_OUTCOME_RETRY && value.scope != GW_SCOPE_CHAT && value.scope != GW_SCOPE_INSTANCE) {
        is.fail(GW_ERR_INVALID, "the scope", "is none of GW_SCOPE_*");
    } else if (check_count(is, "message_ids", value.message_ids.size(), GW_MAX_MESSAGE_IDS) &&
               std::ranges::all_of(value.message_ids,
                                   [&](const auto& id) { return is.needed("a message id", id, GW_MAX_ID_BYTES); }) &&
               is.text("the code", value.code, SIZE_MAX)) {
        is.text("the text", value.text, SIZE_MAX);
    }
    return std::move(is.found());
}

std::size_t memory_bytes(const batch& value) {
    std::size_t bytes = sizeof value;
    for (const auto& one : value.events) {
        bytes += sizeof one + one.dedupe_id.size() + memory_bytes(one.message) + one.chat.id.size() +
                 one.chat.title.size() + one.chat.previous_id.size();
    }
    for (const auto& write : value.writes) {
        bytes += sizeof write + write.key.size() + (write.value ? write.value->size() : 0);
    }
    return bytes;
}

}  // namespace gateway::message
