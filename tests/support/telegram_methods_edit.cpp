// Edits of the bot's own messages: the new content is read first, then the message is looked for; an edit that changes
// nothing is refused.

#include "support/telegram_content.hpp"
#include "support/telegram_input_media.hpp"
#include "support/telegram_methods.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::array<media_kind, 6> captioned{media_kind::photo,     media_kind::video, media_kind::document,
                                              media_kind::animation, media_kind::audio, media_kind::voice};

// What the message shows; an animation is a document too, so that comes later.
std::optional<media_kind> media_of(const json::object& message) {
    using enum media_kind;
    for (const auto kind : {photo, video, animation, audio, voice, video_note, sticker, document}) {
        if (message.contains(traits_of(kind).field)) {
            return kind;
        }
    }
    return std::nullopt;
}

void erase_all(json::object& message, std::initializer_list<std::string_view> fields) {
    for (const auto field : fields) {
        message.erase(field);
    }
}

// An edit without a keyboard takes the one there was away.
api_result finish(telegram_bot& bot, const checked_params& params, std::string_view method, const telegram_chat& chat,
                  json::object& message, json::object edited) {
    edited.erase("reply_markup");
    if (const auto* markup = params.object("reply_markup"); markup != nullptr && !markup->empty()) {
        edited["reply_markup"] = *markup;
    }
    if (edited == message) {
        return bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message");
    }
    edited["edit_date"] = bot.clock().unix_time_s();
    message = edited;
    bot.log_sent(method, chat.id, edited);
    return api_result::ok(std::move(edited));
}

api_result edit_text(telegram_bot& bot, const checked_params& params) {
    formatted_text text;
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    for (auto failed : {read_text(params, text), check_link_preview(params), check_reply_markup(params, true),
                        find_own_message(bot, params, chat, message)}) {
        if (failed) {
            return *failed;
        }
    }
    if (!message->contains("text")) {
        return bad_request("there is no text in the message to edit");
    }
    if (auto failed = check_text_length(text)) {
        return *failed;
    }
    auto edited = *message;
    edited["text"] = text.text;
    edited.erase("entities");
    if (!text.entities.empty()) {
        edited["entities"] = std::move(text.entities);
    }
    copy_param(params, "link_preview_options", edited);
    return finish(bot, params, "editMessageText", *chat, *message, std::move(edited));
}

api_result edit_caption(telegram_bot& bot, const checked_params& params) {
    json::object caption;
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    for (auto failed : {read_caption(params.values(), caption), check_reply_markup(params, true),
                        find_own_message(bot, params, chat, message)}) {
        if (failed) {
            return *failed;
        }
    }
    const auto kind = media_of(*message);
    if (!kind || std::find(captioned.begin(), captioned.end(), *kind) == captioned.end()) {
        return bad_request("there is no caption in the message to edit");
    }
    auto edited = *message;
    erase_all(edited, {"caption", "caption_entities", "show_caption_above_media"});
    for (auto& member : caption) {
        edited[member.key()] = std::move(member.value());
    }
    return finish(bot, params, "editMessageCaption", *chat, *message, std::move(edited));
}

// An album's photos and videos may become each other; its documents and audio files stay what they are.
bool fits_album(const json::object& message, media_kind old_kind, media_kind new_kind) {
    const auto mixes = [](media_kind kind) { return kind == media_kind::photo || kind == media_kind::video; };
    return !message.contains("media_group_id") || old_kind == new_kind || (mixes(old_kind) && mixes(new_kind));
}

api_result edit_media(telegram_bot& bot, const checked_params& params) {
    const auto* source = params.values().if_contains("media");
    if (source == nullptr) {
        return bad_request("input media is not specified");
    }
    input_media media;
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    for (auto failed : {read_input_media(bot, params, *source, false, media), check_reply_markup(params, true),
                        find_own_message(bot, params, chat, message)}) {
        if (failed) {
            return *failed;
        }
    }
    using enum media_kind;
    const auto old_kind = media_of(*message);
    if (!old_kind) {
        return bad_request("there is no media in the message to edit");
    }
    if (old_kind == voice || old_kind == video_note || old_kind == sticker) {
        return bad_request("message media can't be edited");
    }
    if (!fits_album(*message, *old_kind, media.kind)) {
        return bad_request("can't change media type in the album");
    }
    auto edited = *message;
    erase_all(edited, {"photo", "video", "animation", "audio", "document", "caption", "caption_entities",
                       "show_caption_above_media", "has_media_spoiler"});
    for (auto& member : media.content) {
        edited[member.key()] = std::move(member.value());
    }
    return finish(bot, params, "editMessageMedia", *chat, *message, std::move(edited));
}

api_result edit_reply_markup(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    for (auto failed : {check_reply_markup(params, true), find_own_message(bot, params, chat, message)}) {
        if (failed) {
            return *failed;
        }
    }
    return finish(bot, params, "editMessageReplyMarkup", *chat, *message, *message);
}

std::vector<param_spec> editing_params(std::vector<param_spec> own) {
    using enum param_kind;
    own.insert(own.end(), {{"chat_id", chat}, {"message_id", integer}, {"reply_markup", object}});
    return own;
}

}  // namespace

std::vector<telegram_method> edit_methods() {
    using enum param_kind;
    return {
        {"editMessageText",
         editing_params(
             {{"text", string}, {"parse_mode", string}, {"entities", array}, {"link_preview_options", object}}),
         at_once<edit_text>},
        {"editMessageCaption",
         editing_params({{"caption", string},
                         {"parse_mode", string},
                         {"caption_entities", array},
                         {"show_caption_above_media", boolean}}),
         at_once<edit_caption>},
        {"editMessageMedia", editing_params({{"media", object}}), at_once<edit_media>},
        {"editMessageReplyMarkup", editing_params({}), at_once<edit_reply_markup>},
    };
}

}  // namespace gateway::test
