// Files: sending one, albums, and where the bot downloads them.

#include "support/telegram_content.hpp"
#include "support/telegram_input_media.hpp"
#include "support/telegram_methods.hpp"

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t min_album = 2;
constexpr std::size_t max_album = 10;

template <media_kind Kind>
api_result send_media(telegram_bot& bot, const checked_params& params) {
    const auto& traits = traits_of(Kind);
    json::object content;
    const stored_file* file = nullptr;
    if (auto failed = read_caption(params.values(), content)) {
        return *failed;
    }
    if (auto failed = read_file(bot, params, Kind, params.string(traits.field), params.values(), file)) {
        return *failed;
    }
    for (const auto& member : file->fields) {
        content[member.key()] = member.value();
    }
    return send_content(bot, params, traits.method, std::move(content));
}

// Documents and audio files keep to themselves; photos and videos mix.
failure check_mixture(const std::vector<input_media>& album) {
    for (const auto& item : album) {
        const bool alone = item.kind == media_kind::document || item.kind == media_kind::audio;
        for (const auto& other : album) {
            if (alone && other.kind != item.kind) {
                return bad_request(std::string(traits_of(item.kind).field) + " can't be mixed with other media types");
            }
        }
    }
    return std::nullopt;
}

failure read_album(telegram_bot& bot, const checked_params& params, std::vector<input_media>& ret_album) {
    const auto* media = params.array("media");
    if (media == nullptr || media->empty()) {
        return bad_request("there are no messages to send");
    }
    if (media->size() > max_album) {
        return bad_request("too many messages to send as an album");
    }
    if (media->size() < min_album) {
        return bad_request("an album has 2-10 items (the real server would send one alone)");
    }
    std::vector<input_media> album(media->size());
    for (std::size_t i = 0; i < album.size(); ++i) {
        if (auto failed = read_input_media(bot, params, media->at(i), true, album[i])) {
            return failed;
        }
    }
    if (auto failed = check_mixture(album)) {
        return failed;
    }
    ret_album = std::move(album);
    return std::nullopt;
}

api_result send_media_group(telegram_bot& bot, const checked_params& params) {
    std::vector<input_media> album;
    reply_target reply;
    telegram_chat* chat = nullptr;
    json::object place_in_chat;
    if (auto failed = read_album(bot, params, album)) {
        return *failed;
    }
    if (auto failed = read_reply(params, reply)) {
        return *failed;
    }
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    if (auto failed = place(*chat, params, reply, place_in_chat)) {
        return *failed;
    }
    const auto group = bot.new_media_group();
    json::array sent;
    for (auto& item : album) {
        auto message = new_message(bot, *chat);
        message["media_group_id"] = group;
        for (const auto* fields : {&place_in_chat, &item.content}) {
            for (const auto& member : *fields) {
                message[member.key()] = member.value();
            }
        }
        sent.push_back(bot.store_message(*chat, std::move(message), true));
    }
    json::object logged{{"messages", sent}};
    copy_param(params, "disable_notification", logged);
    copy_param(params, "protect_content", logged);
    bot.log_sent("sendMediaGroup", chat->id, std::move(logged));
    return api_result::ok(std::move(sent));
}

api_result get_file(telegram_bot& bot, const checked_params& params) {
    const auto* file = bot.files().find(params.string("file_id"));
    if (file == nullptr) {
        return bad_request(params.string("file_id").empty() ? "file_id not specified" : "invalid file_id");
    }
    if (file->size > telegram_files::max_download) {
        return bad_request("file is too big");
    }
    bot.files().publish(file->id, bot.clock().now());
    return api_result::ok(json::object{{"file_id", file->id},
                                       {"file_unique_id", file->unique_id},
                                       {"file_size", file->size},
                                       {"file_path", file->path}});
}

template <media_kind Kind>
telegram_method sending(std::vector<param_spec> own = {}) {
    using enum param_kind;
    const auto& traits = traits_of(Kind);
    own.push_back({traits.field, file});
    if (traits.has_caption) {
        own.insert(own.end(), {{"caption", string}, {"parse_mode", string}, {"caption_entities", array}});
    }
    if (Kind == media_kind::photo || Kind == media_kind::video || Kind == media_kind::animation) {
        own.insert(own.end(), {{"show_caption_above_media", boolean}, {"has_spoiler", boolean}});
    }
    return {traits.method, sending_params(std::move(own)), at_once<send_media<Kind>>};
}

}  // namespace

std::vector<telegram_method> media_methods() {
    using enum param_kind;
    using enum media_kind;
    const std::vector<param_spec> moving{{"duration", integer}, {"width", integer}, {"height", integer}};
    return {
        sending<photo>(),
        sending<document>({{"disable_content_type_detection", boolean}}),
        sending<video>(
            {{"duration", integer}, {"width", integer}, {"height", integer}, {"supports_streaming", boolean}}),
        sending<animation>(moving),
        sending<audio>({{"duration", integer}, {"performer", string}, {"title", string}}),
        sending<voice>({{"duration", integer}}),
        sending<video_note>({{"duration", integer}, {"length", integer}}),
        sending<sticker>({{"emoji", string}}),
        {"sendMediaGroup",
         {{"chat_id", chat},
          {"message_thread_id", integer},
          {"media", array},
          {"disable_notification", boolean},
          {"protect_content", boolean},
          {"reply_parameters", object}},
         at_once<send_media_group>},
        {"getFile", {{"file_id", string}}, at_once<get_file>},
    };
}

}  // namespace gateway::test
