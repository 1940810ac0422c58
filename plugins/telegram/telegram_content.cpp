#include "telegram_content.hpp"

#include "rich_text.hpp"
#include "telegram_entities.hpp"
#include "telegram_json.hpp"
#include "telegram_media.hpp"
#include "telegram_text.hpp"
#include "telegram_who.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;
using markdown::rich_text;
using markdown::style;

constexpr std::size_t max_options = 32;  // of a poll or a checklist that are written out

// What a message has beside its content. Where there is no content known here, the first other member is it.
constexpr std::array<std::string_view, 50> beside_content{"author_signature",
                                                          "business_connection_id",
                                                          "caption",
                                                          "caption_entities",
                                                          "chat",
                                                          "date",
                                                          "direct_messages_topic",
                                                          "edit_date",
                                                          "effect_id",
                                                          "entities",
                                                          "external_reply",
                                                          "forward_date",
                                                          "forward_from",
                                                          "forward_from_chat",
                                                          "forward_from_message_id",
                                                          "forward_origin",
                                                          "forward_sender_name",
                                                          "forward_signature",
                                                          "from",
                                                          "guest_bot_caller_chat",
                                                          "guest_bot_caller_user",
                                                          "guest_query_id",
                                                          "has_media_spoiler",
                                                          "has_protected_content",
                                                          "is_automatic_forward",
                                                          "is_from_offline",
                                                          "is_paid_post",
                                                          "is_topic_message",
                                                          "link_preview_options",
                                                          "media_group_id",
                                                          "message_id",
                                                          "message_thread_id",
                                                          "origin",  // of an answer to a message of another chat
                                                          "paid_message_star_count",
                                                          "paid_star_count",
                                                          "quote",
                                                          "reply_markup",
                                                          "reply_to_checklist_task_id",
                                                          "reply_to_message",
                                                          "reply_to_poll_option_id",
                                                          "reply_to_story",
                                                          "sender_boost_count",
                                                          "sender_business_bot",
                                                          "sender_chat",
                                                          "sender_tag",
                                                          "show_caption_above_media",
                                                          "suggested_post_info",
                                                          "text",
                                                          "via_bot",
                                                          "views"};

void append(rich_text& ret_text, std::string_view plain) {
    ret_text.text += plain;
}

void append(rich_text& ret_text, style what, std::string_view plain) {
    if (!plain.empty()) {
        ret_text.spans.push_back({what, ret_text.text.size(), ret_text.text.size() + plain.size(), {}});
        ret_text.text += plain;
    }
}

void append(rich_text& ret_text, rich_text more) {
    for (markdown::span& each : more.spans) {
        each.begin += ret_text.text.size();
        each.end += ret_text.text.size();
        ret_text.spans.push_back(std::move(each));
    }
    ret_text.text += more.text;
}

std::string text_of(const json::object& from, std::string_view key) {
    constexpr std::size_t most = 4096;
    return text_in(from, key, most);
}

// Six decimals are a hand's breadth.
std::string coordinates(const json::object& place) {
    std::array<char, 64> written{};
    const double latitude = std::clamp(number_in(place, "latitude").value_or(0), -1e3, 1e3);
    const double longitude = std::clamp(number_in(place, "longitude").value_or(0), -1e3, 1e3);
    std::snprintf(written.data(), written.size(), "%.6f, %.6f", latitude, longitude);
    return written.data();
}

rich_text location_words(const json::object& location) {
    rich_text words;
    append(words, location.contains("live_period") ? "📍 live: " : "📍 ");
    append(words, coordinates(location));
    return words;
}

rich_text venue_words(const json::object& venue) {
    rich_text words;
    append(words, "📍 ");
    append(words, style::bold, text_of(venue, "title"));
    append(words, std::string("\n").append(text_of(venue, "address")));
    if (const json::object* location = object_in(venue, "location")) {
        append(words, std::string("\n").append(coordinates(*location)));
    }
    return words;
}

rich_text contact_words(const json::object& contact) {
    rich_text words;
    append(words, "👤 ");
    append(words, style::bold, full_name(contact));
    append(words, ", " + text_of(contact, "phone_number"));
    return words;
}

// A poll or a checklist: a title and what stands below it.
rich_text list_words(const json::object& from, std::string_view title, std::string_view items, std::string_view sign) {
    rich_text words;
    append(words, std::string(sign).append(" "));
    append(words, style::bold, text_of(from, title));
    const json::array* all = array_in(from, items);
    const std::size_t count = all == nullptr ? 0 : std::min(all->size(), max_options);
    for (std::size_t index = 0; index < count; ++index) {
        const json::object* item = (*all)[index].if_object();
        if (item != nullptr) {
            append(words, items == "options" ? "\n• " : item->contains("completion_date") ? "\n☑ " : "\n☐ ");
            append(words, text_of(*item, "text"));
        }
    }
    return words;
}

rich_text poll_words(const json::object& poll) {
    return list_words(poll, "question", "options", "📊");
}

rich_text checklist_words(const json::object& checklist) {
    return list_words(checklist, "title", "tasks", "📋");
}

rich_text dice_words(const json::object& dice) {
    const auto value = integer_in(dice, "value");
    rich_text words;
    append(words, text_of(dice, "emoji") + (value ? std::string(" ").append(std::to_string(*value)) : std::string{}));
    return words;
}

struct wording {
    std::string_view field;
    rich_text (*words)(const json::object&);
};
// The first of them that is there is the one: a venue shows its location twice.
constexpr std::array<wording, 6> wordings{{{"venue", venue_words},
                                           {"location", location_words},
                                           {"contact", contact_words},
                                           {"poll", poll_words},
                                           {"checklist", checklist_words},
                                           {"dice", dice_words}}};

// "paid_media" → "[paid media]"
std::string named(std::string_view field) {
    std::string name = std::string("[").append(field).append("]");
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::optional<std::string> unknown_field(const json::object& message) {
    constexpr std::size_t max_name_bytes = 64;
    for (const auto& member : message) {
        const std::string_view key(member.key().data(), member.key().size());
        if (std::find(beside_content.begin(), beside_content.end(), key) == beside_content.end()) {
            return utf8::mended(clean_utf8(key, max_name_bytes));
        }
    }
    return std::nullopt;
}

// What the message shows that is neither text nor file.
rich_text words_of(const json::object& message, content& ret_content) {
    for (const wording& each : wordings) {
        if (const json::object* found = object_in(message, each.field)) {
            ret_content.extra[each.field] = *found;
            return each.words(*found);
        }
    }
    rich_text words;
    if (auto field = unknown_field(message)) {
        append(words, named(*field));
        ret_content.named_only = std::move(*field);
    }
    return words;
}

}  // namespace

content read_content(const json::object& message, const reader& who) {
    content read{.attachments = files_of(message)};
    const json::value* text = message.if_contains("text");
    const bool caption = text == nullptr;
    const json::value* entities = message.if_contains(caption ? "caption_entities" : "entities");
    styled_text said = read_entities(text_in(message, caption ? "caption" : "text", GW_MAX_TEXT_BYTES), entities);
    read.unknown_entities = said.unknown;
    read.mentioned = mentions(said.what.text, entities, who.username, who.id);
    read.command = take_command(said.what, entities, who.username);
    if (caption && read.attachments.empty()) {
        rich_text words = words_of(message, read);
        if (!words.text.empty() && !said.what.text.empty()) {
            append(words, "\n");
        }
        append(words, std::move(said.what));
        said.what = markdown::normalized(std::move(words));
    }
    read.text = to_markdown(std::move(said.what), GW_MAX_TEXT_BYTES);
    return read;
}

std::string in_short(const json::object& message) {
    content read = read_content(message, {});
    if (!read.text.empty() || read.attachments.empty()) {
        return read.text;
    }
    const sdk::attachment& file = read.attachments.front();
    const std::string shown = file.text.empty() ? named(in_words(file.kind)) : file.text;
    return plain_markdown(shown);
}

std::string plain_markdown(std::string_view text) {
    return to_markdown({utf8::mended(text), {}}, GW_MAX_TEXT_BYTES);
}

}  // namespace gateway::telegram
