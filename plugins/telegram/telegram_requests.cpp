#include "telegram_requests.hpp"

#include "telegram_entities.hpp"
#include "telegram_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;
using markdown::rich_text;
using sdk::attachment_kind;

constexpr std::string_view emoji_url = "tg://emoji?id=";
constexpr std::size_t max_file_name_bytes = 255;

struct kind_traits {
    attachment_kind kind;
    std::string_view method;
    std::string_view field;  // the parameter that carries it, and its type in an album
    std::string_view words;
    std::string_view file_name;  // the platform looks at the ending
    int album;
    bool caption;
    bool size;      // width and height are said
    bool duration;  // is said
    bool spoiler;   // may be one
};
constexpr std::array<kind_traits, 8> kinds{{
    {attachment_kind::file, "sendDocument", "document", "file", "file", 2, true, false, false, false},
    {attachment_kind::photo, "sendPhoto", "photo", "photo", "photo.jpg", 1, true, false, false, true},
    {attachment_kind::audio, "sendAudio", "audio", "audio file", "audio.mp3", 3, true, false, true, false},
    {attachment_kind::voice, "sendVoice", "voice", "voice message", "voice.ogg", 0, true, false, true, false},
    {attachment_kind::video, "sendVideo", "video", "video", "video.mp4", 1, true, true, true, true},
    {attachment_kind::video_note, "sendVideoNote", "video_note", "video message", "video.mp4", 0, false, false, true,
     false},
    {attachment_kind::animation, "sendAnimation", "animation", "animation", "animation.mp4", 0, true, true, true, true},
    {attachment_kind::sticker, "sendSticker", "sticker", "sticker", "sticker.webp", 0, false, false, false, false},
}};

const kind_traits& traits_of(attachment_kind kind) {
    const auto* found =
        std::find_if(kinds.begin(), kinds.end(), [kind](const auto& each) { return each.kind == kind; });
    return found == kinds.end() ? kinds.front() : *found;
}

json::value chat_id(const std::string& chat) {
    const auto number = parse_number(chat);
    return number ? json::value(*number) : json::value(chat);
}

void say(const rich_text& text, std::string_view key, std::string_view entities_key, json::object& ret_parameters) {
    ret_parameters[key] = text.text;
    if (json::array entities = to_entities(text); !entities.empty()) {
        ret_parameters[entities_key] = std::move(entities);
    }
}

void say_caption(const rich_text& caption, json::object& ret_parameters) {
    if (!caption.text.empty()) {
        say(caption, "caption", "caption_entities", ret_parameters);
    }
}

void say_where(const place& where, json::object& ret_parameters) {
    if (where.thread) {
        ret_parameters["message_thread_id"] = *where.thread;
    }
    if (where.silent) {
        ret_parameters["disable_notification"] = true;
    }
    if (where.reply_to) {
        ret_parameters["reply_parameters"] =
            json::object{{"message_id", *where.reply_to}, {"allow_sending_without_reply", true}};
    }
}

void say_buttons(const keyboard& buttons, json::object& ret_parameters) {
    if (!buttons.empty()) {
        ret_parameters["reply_markup"] = json::object{{"inline_keyboard", buttons}};
    }
}

void say_preview(const place& where, json::object& ret_parameters) {
    if (where.no_preview) {
        ret_parameters["link_preview_options"] = json::object{{"is_disabled", true}};
    }
}

// A name as it may stand in a header of a form.
std::string file_name(const outgoing_file& file) {
    std::string name = clean_utf8(file.name, max_file_name_bytes);
    for (char& c : name) {
        const bool bad = static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '"' || c == '/' || c == '\\';
        c = bad ? '_' : c;
    }
    return name.empty() ? std::string(traits_of(file.kind).file_name) : name;
}

// What is no type and subtype is not said.
std::string content_type(const outgoing_file& file) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/.+-_").find(c) != std::string_view::npos;
    };
    const std::string& type = file.mime_type;
    const bool is_one = type.size() <= 127 && std::count(type.begin(), type.end(), '/') == 1 && type.front() != '/' &&
                        type.back() != '/' && std::all_of(type.begin(), type.end(), fits);
    return is_one ? type : std::string{};
}

// What the platform shows of a file that it does not have yet.
void say_properties(const outgoing_file& file, json::object& ret_parameters) {
    const kind_traits& traits = traits_of(file.kind);
    if (traits.spoiler && file.spoiler) {
        ret_parameters["has_spoiler"] = true;
    }
    if (file.way == file_way::id) {
        return;
    }
    constexpr std::int64_t most = 1'000'000;  // seconds and pixels beyond are a mistake
    if (const std::int64_t seconds = file.duration_ms / 1'000; traits.duration && seconds > 0 && seconds < most) {
        ret_parameters["duration"] = seconds;
    }
    const bool has_size = file.width > 0 && file.height > 0 && file.width < most && file.height < most;
    if (traits.size && has_size) {
        ret_parameters["width"] = file.width;
        ret_parameters["height"] = file.height;
    }
    if (file.kind == attachment_kind::video_note && has_size && file.width == file.height) {
        ret_parameters["length"] = file.width;
    }
    if (file.kind == attachment_kind::audio && !file.text.empty()) {
        ret_parameters["title"] = file.text;
    }
    if (file.kind == attachment_kind::sticker && file.way == file_way::path && !file.text.empty()) {
        ret_parameters["emoji"] = file.text;
    }
}

request call(std::string_view method, const json::object& parameters) {
    return {.method = method, .body = json::serialize(parameters)};
}

// The same as a form, with files: whatever is no text is written as JSON.
request call(std::string_view method, const json::object& parameters, std::vector<sdk::http_field> files) {
    if (files.empty()) {
        return call(method, parameters);
    }
    request made{.method = method};
    for (const auto& [key, value] : parameters) {
        made.form.push_back(
            {.name = key, .value = value.is_string() ? std::string(value.get_string()) : json::serialize(value)});
    }
    std::move(files.begin(), files.end(), std::back_inserter(made.form));
    return made;
}

sdk::http_field part(std::string name, const outgoing_file& file) {
    return {.name = std::move(name),
            .path = file.reference,
            .file_name = file_name(file),
            .content_type = content_type(file)};
}

}  // namespace

std::string_view called(const outgoing_file& file) {
    return file.name.empty() ? traits_of(file.kind).words : std::string_view(file.name);
}

bool has_caption(attachment_kind kind) {
    return traits_of(kind).caption;
}

int album_of(attachment_kind kind) {
    return traits_of(kind).album;
}

request send_message_request(const place& where, const rich_text& text, const keyboard& buttons) {
    json::object parameters{{"chat_id", chat_id(where.chat)}};
    say(text, "text", "entities", parameters);
    say_where(where, parameters);
    say_preview(where, parameters);
    say_buttons(buttons, parameters);
    return call("sendMessage", parameters);
}

request send_file_request(const place& where, const outgoing_file& file, const rich_text& caption,
                          const keyboard& buttons) {
    const kind_traits& traits = traits_of(file.kind);
    json::object parameters{{"chat_id", chat_id(where.chat)}};
    std::vector<sdk::http_field> files;
    if (file.way == file_way::path) {
        files.push_back(part(std::string(traits.field), file));
    } else {
        parameters[traits.field] = file.reference;
    }
    say_properties(file, parameters);
    say_caption(caption, parameters);
    say_where(where, parameters);
    say_buttons(buttons, parameters);
    return call(traits.method, parameters, std::move(files));
}

request send_media_group_request(const place& where, const std::vector<outgoing_file>& files,
                                 const rich_text& caption) {
    json::array media;
    std::vector<sdk::http_field> uploads;
    for (const outgoing_file& file : files) {
        json::object item{{"type", traits_of(file.kind).field}};
        if (file.way == file_way::path) {
            std::string name = "file" + std::to_string(media.size());
            item["media"] = "attach://" + name;
            uploads.push_back(part(std::move(name), file));
        } else {
            item["media"] = file.reference;
        }
        say_properties(file, item);
        if (media.empty()) {
            say_caption(caption, item);
        }
        media.push_back(std::move(item));
    }
    json::object parameters{{"chat_id", chat_id(where.chat)}, {"media", std::move(media)}};
    say_where(where, parameters);
    return call("sendMediaGroup", parameters, std::move(uploads));
}

request edit_text_request(const place& where, std::int64_t message, const rich_text& text, const keyboard& buttons) {
    json::object parameters{{"chat_id", chat_id(where.chat)}, {"message_id", message}};
    say(text, "text", "entities", parameters);
    say_preview(where, parameters);
    say_buttons(buttons, parameters);
    return call("editMessageText", parameters);
}

request edit_caption_request(const place& where, std::int64_t message, const rich_text& caption,
                             const keyboard& buttons) {
    json::object parameters{{"chat_id", chat_id(where.chat)}, {"message_id", message}};
    say(caption, "caption", "caption_entities", parameters);
    say_buttons(buttons, parameters);
    return call("editMessageCaption", parameters);
}

request delete_messages_request(const place& where, const std::vector<std::int64_t>& messages) {
    return call("deleteMessages",
                {{"chat_id", chat_id(where.chat)}, {"message_ids", json::array(messages.begin(), messages.end())}});
}

request set_reaction_request(const place& where, std::int64_t message, const rich_text& emoji) {
    json::array reactions;
    const auto custom = std::find_if(emoji.spans.begin(), emoji.spans.end(), [](const markdown::span& each) {
        return each.what == markdown::style::custom_emoji && each.data.starts_with(emoji_url);
    });
    if (custom != emoji.spans.end()) {
        reactions.push_back(
            json::object{{"type", "custom_emoji"}, {"custom_emoji_id", custom->data.substr(emoji_url.size())}});
    } else if (std::string plain(trimmed(emoji.text)); !plain.empty()) {
        // The platform's own list has no variation selectors.
        constexpr std::string_view selector = "\xef\xb8\x8f";
        for (std::size_t at = plain.find(selector); at != std::string::npos; at = plain.find(selector, at)) {
            plain.erase(at, selector.size());
        }
        reactions.push_back(json::object{{"type", "emoji"}, {"emoji", plain}});
    }
    return call("setMessageReaction",
                {{"chat_id", chat_id(where.chat)}, {"message_id", message}, {"reaction", std::move(reactions)}});
}

request typing_request(const std::string& chat, std::optional<std::int64_t> thread) {
    json::object parameters{{"chat_id", chat_id(chat)}, {"action", "typing"}};
    if (thread) {
        parameters["message_thread_id"] = *thread;
    }
    return call("sendChatAction", parameters);
}

}  // namespace gateway::telegram
