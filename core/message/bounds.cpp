#include "message/bounds.hpp"

#include "message/utf8.hpp"

#include <cstdint>
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

bool check_message(checker& is, const message& what) {
    return is.text("the message's id", what.id, GW_MAX_ID_BYTES) && is.needed("the chat", what.chat, GW_MAX_ID_BYTES) &&
           is.text("the thread", what.thread, GW_MAX_ID_BYTES) && is.text("reply_to", what.reply_to, GW_MAX_ID_BYTES) &&
           is.text("the text", what.text, GW_MAX_TEXT_BYTES) && is.text("extra", what.extra, GW_MAX_EXTRA_BYTES) &&
           (!what.sender || (is.text("the sender's id", what.sender->id, GW_MAX_ID_BYTES) &&
                             is.text("the sender's name", what.sender->name, GW_MAX_NAME_BYTES)));
}

bool check_event(checker& is, const event& what) {
    if (!is.text("dedupe_id", what.dedupe_id, GW_MAX_ID_BYTES)) {
        return false;
    }
    switch (what.kind) {
        case GW_EVENT_MESSAGE:
            return check_message(is, what.message);
        case GW_EVENT_CHAT:
            return is.needed("the chat's id", what.chat.id, GW_MAX_ID_BYTES) &&
                   is.text("the chat's title", what.chat.title, GW_MAX_NAME_BYTES);
        default:
            return true;
    }
}

std::size_t memory_bytes(const message& what) {
    return what.id.size() + what.chat.size() + what.thread.size() + what.reply_to.size() + what.text.size() +
           what.extra.size() + (what.sender ? what.sender->id.size() + what.sender->name.size() : 0);
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
    } else if (is.text("message_id", value.message_id, GW_MAX_ID_BYTES) && is.text("the code", value.code, SIZE_MAX)) {
        is.text("the text", value.text, SIZE_MAX);
    }
    return std::move(is.found());
}

std::size_t memory_bytes(const batch& value) {
    std::size_t bytes = sizeof value;
    for (const auto& one : value.events) {
        bytes +=
            sizeof one + one.dedupe_id.size() + memory_bytes(one.message) + one.chat.id.size() + one.chat.title.size();
    }
    for (const auto& write : value.writes) {
        bytes += sizeof write + write.key.size() + (write.value ? write.value->size() : 0);
    }
    return bytes;
}

}  // namespace gateway::message
