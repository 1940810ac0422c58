#include "telegram_update.hpp"

#include "telegram_activity.hpp"
#include "telegram_content.hpp"
#include "telegram_json.hpp"
#include "telegram_text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

constexpr std::size_t max_kind_bytes = 64;

parsed_update unreadable(std::string about) {
    return {.kind = update_kind::unreadable, .about = std::move(about)};
}

// Where in the chat it stands, and what it answers there. Returns the answered message when the platform shows it.
const json::object* place(const json::object& from, sdk::message& ret_message) {
    const auto thread = integer_in(from, "message_thread_id");
    if (thread && flag_in(from, "is_topic_message")) {
        ret_message.thread = std::to_string(*thread);
    }
    const json::object* answered = object_in(from, "reply_to_message");
    const auto answered_id = answered == nullptr ? std::nullopt : integer_in(*answered, "message_id");
    const std::string id = answered_id ? std::to_string(*answered_id) : std::string{};
    // In a forum each message that answers nothing answers the topic's first one.
    if (id.empty() || id == ret_message.thread) {
        return nullptr;
    }
    ret_message.reply_to = id;
    return answered;
}

// What is said about a message that is quoted: a sentence for those of the platform itself.
std::string quoted_text(const json::object& message, const std::optional<sdk::sender>& author) {
    const auto told = read_service(message, called(author));
    return told ? plain_markdown(told->text) : in_short(message);
}

// In words, what the message answers: the part that its author marked, else all of it. Of another chat's message,
// or another topic's, there is no more than that.
void quote(const json::object& from, const json::object* answered, std::int64_t own_id, sdk::message& ret_message) {
    const json::object* elsewhere = answered == nullptr ? object_in(from, "external_reply") : nullptr;
    sdk::quote quoted;
    if (answered != nullptr) {
        quoted.sender = author_of(*answered, own_id);
    } else if (elsewhere != nullptr) {
        quoted.sender = origin_as_sender(object_in(*elsewhere, "origin"), own_id);
        const auto chat = chat_in(*elsewhere);
        const auto id = integer_in(*elsewhere, "message_id");
        if (chat && id && chat->id == ret_message.chat) {
            ret_message.reply_to = std::to_string(*id);
        }
    }
    if (const json::object* part = object_in(from, "quote")) {
        quoted.text = read_content(*part, {}).text;  // a text with its entities, like a message's
        quoted.chosen = flag_in(*part, "is_manual");
    } else if (answered != nullptr) {
        quoted.text = quoted_text(*answered, quoted.sender);
    } else if (elsewhere != nullptr) {
        quoted.text = in_short(*elsewhere);
    }
    if (!quoted.text.empty() || quoted.sender) {
        ret_message.quote = std::move(quoted);
    }
}

// Stable for ever, since it becomes part of dedupe ids that are kept.
std::string fingerprint(const incoming& of) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        }
        hash = (hash ^ 0xffU) * 0x100000001b3U;
    };
    add(of.message.text);
    for (const sdk::attachment& each : of.message.attachments) {
        add(each.id);
    }
    add(serialized(of.extra, GW_MAX_EXTRA_BYTES));
    return std::to_string(hash);
}

// A message of any kind, as far as all of them are alike.
class message_reader {
public:
    message_reader(const json::object& from, std::string_view kind, bool edited, const reading& how)
        : from_(from), kind_(kind), edited_(edited), how_(how) {}

    parsed_update read() {
        parsed_.chat = chat_in(from_);
        const auto id = integer_in(from_, "message_id");
        if (!parsed_.chat || !id) {
            return unreadable(
                std::string(kind_).append(parsed_.chat ? ".message_id" : ".chat.id").append(" is no number"));
        }
        parsed_.kind = update_kind::taken;
        parsed_.is_message = !edited_;
        parsed_.date_ms = milliseconds_of(integer_in(from_, "date"));
        if (*id <= 0) {
            return left_out("that is not sent yet");
        }
        told_.message.id = std::to_string(*id);
        told_.message.chat = parsed_.chat->id;
        told_.message.sender = author_of(from_, how_.own_id);
        told_.message.time_ms =
            milliseconds_of(integer_in(from_, edited_ && from_.contains("edit_date") ? "edit_date" : "date"));
        answered_ = place(from_, told_.message);
        told_.dedupe_id = told_.message.chat + ":" + told_.message.id;
        if (!edited_ && (read_migration() || read_members() || read_service_message())) {
            return std::move(parsed_);
        }
        return read_said();
    }

private:
    parsed_update left_out(std::string_view why) {
        parsed_.kind = update_kind::left_out;
        parsed_.about = std::string(kind_).append(" ").append(why);
        return std::move(parsed_);
    }

    // True when the message is not for us: nobody spoke to us in a group where that counts.
    bool is_unwanted() const { return how_.addressed_only && parsed_.chat->kind == sdk::chat_kind::group; }

    void set_aside(std::string_view why) {
        parsed_.kind = update_kind::left_out;
        parsed_.about = std::string(kind_).append(" ").append(why);
    }

    // Both chats tell of it, each under its own id: the entry is the same.
    bool read_migration() {
        if (const auto to = integer_in(from_, "migrate_to_chat_id")) {
            parsed_.chat->previous_id = std::exchange(parsed_.chat->id, std::to_string(*to));
            return true;
        }
        if (const auto old = integer_in(from_, "migrate_from_chat_id")) {
            parsed_.chat->previous_id = std::to_string(*old);
            return true;
        }
        return false;
    }

    bool read_members() {
        if (!from_.contains("new_chat_members") && !from_.contains("left_chat_member")) {
            return false;
        }
        if (how_.chat_members || is_unwanted()) {
            set_aside(how_.chat_members ? "about members, which chat_member tells" : "in a group, not addressed");
            return true;
        }
        for (membership& each : members_of(from_, told_.message.sender, how_.own_id)) {
            incoming member{.kind = sdk::event_kind::member};
            member.message.chat = told_.message.chat;
            member.message.thread = told_.message.thread;
            member.message.time_ms = told_.message.time_ms;
            member.message.text = plain_markdown(each.text);
            member.message.flags = each.left ? GW_MESSAGE_REMOVED : 0u;
            member.dedupe_id = told_.dedupe_id + ":m" + each.who.id;
            member.message.sender = std::move(each.who);
            parsed_.events.push_back(std::move(member));
        }
        if (parsed_.events.empty()) {
            set_aside("about members without a usable id");
        }
        return true;
    }

    bool read_service_message() {
        if (const std::string_view field = not_carried(from_); !field.empty()) {
            set_aside(field);
            return true;
        }
        auto service = read_service(from_, called(told_.message.sender));
        if (!service) {
            return false;
        }
        if (is_unwanted()) {
            set_aside("in a group, not addressed");
            return true;
        }
        told_.message.flags = GW_MESSAGE_SYSTEM;
        told_.message.text = plain_markdown(service->text);
        told_.message.attachments = std::move(service->attachments);
        if (const auto pinned = service->about == nullptr ? std::nullopt : integer_in(*service->about, "message_id")) {
            told_.message.reply_to = std::to_string(*pinned);
            auto author = author_of(*service->about, how_.own_id);
            std::string text = quoted_text(*service->about, author);
            if (!text.empty() || author) {
                told_.message.quote = sdk::quote{.text = std::move(text), .sender = std::move(author)};
            }
        }
        parsed_.events.push_back(std::move(told_));
        return true;
    }

    // Somebody's words: not the platform's.
    parsed_update read_said() {
        content said = read_content(from_, {.id = how_.own_id, .username = how_.username});
        const bool in_private = parsed_.chat->kind == sdk::chat_kind::private_chat;
        if (said.command == command::others && !in_private) {
            return left_out("with a command for another bot");
        }
        if (said.empty()) {
            return left_out("without content");
        }
        const bool addressed = in_private || said.mentioned || said.command == command::ours || answers_us();
        constexpr std::size_t max_album_bytes = 64;
        if (!edited_ && !said.attachments.empty()) {
            parsed_.album = text_in(from_, "media_group_id", max_album_bytes);
        }
        if (!addressed && is_unwanted()) {
            if (parsed_.album.empty()) {
                return left_out("in a group, not addressed");
            }
            parsed_.unwanted = true;
        }
        parsed_.unknown_entities = said.unknown_entities;
        parsed_.named_only = std::move(said.named_only);
        told_.kind = edited_ ? sdk::event_kind::edit : sdk::event_kind::message;
        told_.message.flags = addressed ? GW_MESSAGE_ADDRESSED : 0u;
        told_.message.text = std::move(said.text);
        told_.message.attachments = std::move(said.attachments);
        told_.message.forwarded_from = origin_as_sender(object_in(from_, "forward_origin"), how_.own_id);
        quote(from_, answered_, how_.own_id, told_.message);
        told_.extra = std::move(said.extra);
        for (const std::string_view key : {"author_signature", "media_group_id"}) {
            if (const std::string value = text_in(from_, key, GW_MAX_NAME_BYTES); !value.empty()) {
                told_.extra[key] = value;
            }
        }
        if (const json::object* origin = object_in(from_, "forward_origin")) {
            told_.extra["forward_origin"] = *origin;
        }
        if (edited_) {
            told_.dedupe_id += ":e" + std::to_string(told_.message.time_ms) + "." + fingerprint(told_);
        }
        parsed_.events.push_back(std::move(told_));
        return std::move(parsed_);
    }

    bool answers_us() const {
        const auto author = answered_ == nullptr ? std::nullopt : author_of(*answered_, how_.own_id);
        return author && author->self;
    }

    const json::object& from_;
    std::string_view kind_;
    bool edited_;
    const reading& how_;
    const json::object* answered_ = nullptr;
    incoming told_{};
    parsed_update parsed_{};
};

struct message_kind {
    std::string_view name;
    bool edited;
};
constexpr std::array<message_kind, 4> message_kinds{
    {{"message", false}, {"edited_message", true}, {"channel_post", false}, {"edited_channel_post", true}}};

parsed_update parse_activity(std::string_view kind, const json::object& from, std::int64_t update, const reading& how) {
    if (kind == "callback_query") {
        return parse_callback(from, how);
    }
    if (kind == "message_reaction") {
        return parse_reaction(from, update, how);
    }
    return kind == "chat_member" ? parse_member(from, update, how) : parse_own_membership(from);
}

}  // namespace

std::optional<std::int64_t> update_id(const json::value& update) {
    const json::object* object = update.if_object();
    const auto id = object == nullptr ? std::nullopt : integer_in(*object, "update_id");
    // A negative offset would mean something else: "forget all but the last ones".
    return id && *id >= 0 && *id <= std::numeric_limits<std::int32_t>::max() ? id : std::nullopt;
}

parsed_update parse_update(const json::value& update, const reading& how) {
    const auto id = update_id(update);
    if (!id) {
        return unreadable("update_id is no number that fits");
    }
    const json::object& from = update.get_object();
    for (const message_kind& kind : message_kinds) {
        if (const json::object* message = object_in(from, kind.name)) {
            return message_reader(*message, kind.name, kind.edited, how).read();
        }
        if (from.contains(kind.name)) {
            return unreadable(std::string(kind.name).append(" is no object"));
        }
    }
    for (const std::string_view kind : {"callback_query", "message_reaction", "chat_member", "my_chat_member"}) {
        if (const json::object* activity = object_in(from, kind)) {
            return parse_activity(kind, *activity, *id, how);
        }
        if (from.contains(kind)) {
            return unreadable(std::string(kind).append(" is no object"));
        }
    }
    const auto other =
        std::find_if(from.begin(), from.end(), [](const auto& member) { return member.key() != "update_id"; });
    return {.kind = update_kind::left_out,
            .about = other == from.end() ? "an empty update"
                                         : clean_utf8({other->key().data(), other->key().size()}, max_kind_bytes)};
}

}  // namespace gateway::telegram
