#include "support/telegram_input_media.hpp"

#include "support/telegram_content.hpp"
#include "support/telegram_methods.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;
using namespace std::string_view_literals;

constexpr std::uint64_t max_photo_by_url = 5 * 1024 * 1024;

// What the images the platform takes begin with: JPEG, PNG, GIF, WebP, BMP.
constexpr std::array<std::string_view, 5> image_starts{"\xFF\xD8\xFF"sv, "\x89PNG"sv, "GIF8"sv, "RIFF"sv, "BM"sv};

constexpr std::array<std::string_view, 7> attribute_names{"duration",  "width", "height", "length",
                                                          "performer", "title", "emoji"};

failure check_upload(media_kind kind, const uploaded_file& upload) {
    const auto size = upload.bytes.size();
    if (size > telegram_files::max_upload) {
        return api_result::fail(413, "Request Entity Too Large");
    }
    if (size == 0) {
        return bad_request("file must be non-empty");
    }
    if (kind != media_kind::photo) {
        return std::nullopt;
    }
    if (size > telegram_files::max_photo) {
        return bad_request("file of size " + std::to_string(size) +
                           " bytes is too big for a photo; the maximum size is " +
                           std::to_string(telegram_files::max_photo) + " bytes");
    }
    const bool is_image = std::any_of(image_starts.begin(), image_starts.end(),
                                      [&](std::string_view start) { return upload.bytes.starts_with(start); });
    return is_image ? std::nullopt : failure(bad_request("IMAGE_PROCESS_FAILED"));
}

failure read_page(telegram_bot& bot, media_kind kind, std::string_view url, file_content& ret_content) {
    const auto* page = bot.files().on_web(url);
    const auto limit = kind == media_kind::photo ? max_photo_by_url : telegram_files::max_download;
    if (page == nullptr || std::max<std::uint64_t>(page->size, page->bytes.size()) > limit) {
        return bad_request("failed to get HTTP URL content");
    }
    ret_content = *page;
    return std::nullopt;
}

json::object attributes_in(const json::object& source) {
    json::object found;
    for (const auto name : attribute_names) {
        if (const auto* value = source.if_contains(name)) {
            found[name] = *value;
        }
    }
    return found;
}

bool is_known_field(std::string_view name) {
    static constexpr std::array<std::string_view, 7> others{
        "type", "media", "caption", "parse_mode", "caption_entities", "show_caption_above_media", "has_spoiler"};
    return std::find(others.begin(), others.end(), name) != others.end() ||
           std::find(attribute_names.begin(), attribute_names.end(), name) != attribute_names.end();
}

}  // namespace

failure read_file(telegram_bot& bot, const checked_params& params, media_kind kind, std::string_view reference,
                  const json::object& attributes, const stored_file*& ret_file) {
    const auto& traits = traits_of(kind);
    file_content content;
    if (const auto* upload = params.attached(reference)) {
        if (auto failed = check_upload(kind, *upload)) {
            return failed;
        }
        content.name = upload->name;
        content.mime_type = upload->content_type;
        content.bytes = upload->bytes;
    } else if (reference.empty() || reference.starts_with("attach://")) {
        return bad_request("there is no " + std::string(traits.words) + " in the request");
    } else if (reference.find('.') != std::string_view::npos) {  // no file_id has one
        if (auto failed = read_page(bot, kind, reference, content)) {
            return failed;
        }
    } else {
        const auto* known = bot.files().find(reference);
        if (known == nullptr) {
            return bad_request("wrong file identifier/HTTP URL specified");
        }
        if (known->kind != kind) {
            return bad_request("can't use file of type " + std::string(traits_of(known->kind).class_) + " as " +
                               std::string(traits.class_));
        }
        ret_file = known;
        return std::nullopt;
    }
    content.attributes = attributes_in(attributes);
    ret_file = &bot.files().add(kind, std::move(content));
    return std::nullopt;
}

failure read_input_media(telegram_bot& bot, const checked_params& params, const json::value& value, bool in_album,
                         input_media& ret_media) {
    const auto wrong = [](const std::string& text) { return bad_request("can't parse InputMedia: " + text); };
    const auto* source = value.if_object();
    if (source == nullptr) {
        return wrong("expected an Object");
    }
    const auto* type = source->if_contains("type");
    const auto* media = source->if_contains("media");
    if (type == nullptr || !type->is_string()) {
        return wrong("can't find field \"type\"");
    }
    const auto name = std::string(type->get_string());
    const auto kind = media_kind_of(name);
    if (!kind || kind == media_kind::voice || kind == media_kind::video_note || kind == media_kind::sticker) {
        return wrong("type \"" + name + "\" is unsupported");
    }
    if (in_album && kind == media_kind::animation) {
        return wrong("type \"animation\" can't be used in sendMediaGroup");
    }
    if (media == nullptr || !media->is_string()) {
        return wrong("media not found");
    }
    for (const auto& member : *source) {
        if (!is_known_field(member.key())) {
            return wrong("unknown field \"" + std::string(member.key()) + "\" (the real server would ignore it)");
        }
    }
    json::object content;
    const stored_file* file = nullptr;
    if (auto failed = read_caption(*source, content)) {
        return failed;
    }
    if (auto failed = read_file(bot, params, *kind, media->get_string(), *source, file)) {
        return failed;
    }
    for (const auto& member : file->fields) {
        content[member.key()] = member.value();
    }
    ret_media = {*kind, std::move(content)};
    return std::nullopt;
}

}  // namespace gateway::test
