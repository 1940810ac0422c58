#include "support/telegram_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gateway::test {
namespace {

namespace json = boost::json;
using enum media_kind;

constexpr std::array<media_traits, 8> all_traits{
    {{photo, "sendPhoto", "photo", "photo", "Photo", "photos", "image/jpeg", "jpg", true},
     {document, "sendDocument", "document", "document", "Document", "documents", "application/octet-stream", "bin",
      true},
     {video, "sendVideo", "video", "video", "Video", "videos", "video/mp4", "mp4", true},
     {animation, "sendAnimation", "animation", "animation", "Animation", "animations", "video/mp4", "mp4", true},
     {audio, "sendAudio", "audio", "audio", "Audio", "music", "audio/mpeg", "mp3", true},
     {voice, "sendVoice", "voice", "voice", "VoiceNote", "voice", "audio/ogg", "oga", true},
     {video_note, "sendVideoNote", "video_note", "video note", "VideoNote", "video_notes", "video/mp4", "mp4", false},
     {sticker, "sendSticker", "sticker", "sticker", "Sticker", "stickers", "image/webp", "webp", false}}};

struct photo_size {
    int width;
    int height;
};
constexpr std::array<photo_size, 2> previews{{{90, 60}, {320, 213}}};
constexpr photo_size full_size{1280, 853};

std::string_view extension_of(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos || name.size() - dot > 8 ? std::string_view() : name.substr(dot + 1);
}

json::object identified(const stored_file& file) {
    return {{"file_id", file.id}, {"file_unique_id", file.unique_id}, {"file_size", file.size}};
}

json::object sized(const stored_file& file, photo_size size) {
    auto object = identified(file);
    object["width"] = size.width;
    object["height"] = size.height;
    return object;
}

// What a message shows of the kind when nothing else is said.
json::object default_attributes(media_kind kind) {
    switch (kind) {
        case video:
        case animation:
            return {{"duration", 0}, {"width", 0}, {"height", 0}};
        case audio:
        case voice:
            return {{"duration", 0}};
        case video_note:
            return {{"duration", 0}, {"length", 240}};
        case sticker:
            return {{"type", "regular"}, {"width", 512}, {"height", 512}, {"is_animated", false}, {"is_video", false}};
        default:
            return {};
    }
}

// The number that ids and paths carry behind their last underscore; 0 when there is none.
std::uint64_t number_in(std::string_view text) {
    const auto underscore = text.rfind('_');
    std::uint64_t number = 0;
    if (underscore != std::string_view::npos) {
        std::from_chars(text.data() + underscore + 1, text.data() + text.size(), number);
    }
    return number;
}

}  // namespace

const media_traits& traits_of(media_kind kind) {
    return all_traits.at(static_cast<std::size_t>(kind));
}

std::optional<media_kind> media_kind_of(std::string_view field) {
    const auto* found = std::find_if(all_traits.begin(), all_traits.end(),
                                     [&](const media_traits& candidate) { return candidate.field == field; });
    return found == all_traits.end() ? std::nullopt : std::optional(found->kind);
}

stored_file& telegram_files::store(media_kind kind, std::string_view name, std::string bytes, std::uint64_t size) {
    const auto number = next_++;
    const auto text = std::to_string(number);
    const auto& traits = traits_of(kind);
    const auto extension = extension_of(name);
    if (files_.size() >= max_files) {
        files_.erase(files_.begin());
    }
    auto& file = files_[number];
    file.id = "BQAC" + std::to_string(owner_) + "_" + std::string(traits.class_) + "_" + text;
    file.unique_id = "AgAD" + text;
    file.kind = kind;
    file.size = size == 0 ? bytes.size() : size;
    file.bytes = std::move(bytes);
    file.path = std::string(traits.folder) + "/file_" + text + '.' +
                std::string(extension.empty() ? traits.extension : extension);
    return file;
}

const stored_file& telegram_files::add(media_kind kind, file_content content) {
    const auto& traits = traits_of(kind);
    if (kind == photo) {
        json::array sizes;
        for (const auto size : previews) {
            sizes.push_back(sized(store(photo, "", "a preview", 0), size));
        }
        auto& largest = store(photo, content.name, std::move(content.bytes), content.size);
        sizes.push_back(sized(largest, full_size));
        largest.fields["photo"] = std::move(sizes);
        return largest;
    }
    auto& file = store(kind, content.name, std::move(content.bytes), content.size);
    auto shown = identified(file);
    if (kind != video_note && kind != sticker) {
        shown["mime_type"] = content.mime_type.empty() ? traits.mime_type : std::string_view(content.mime_type);
        if (!content.name.empty() && kind != voice) {
            shown["file_name"] = content.name;
        }
    }
    for (const auto& source : {default_attributes(kind), content.attributes}) {
        for (const auto& member : source) {
            shown[member.key()] = member.value();
        }
    }
    if (kind == animation) {  // shown as a document too, for clients that know no animations
        auto plain = identified(file);
        plain["mime_type"] = shown["mime_type"];
        file.fields["document"] = std::move(plain);
    }
    file.fields[traits.field] = std::move(shown);
    return file;
}

const stored_file* telegram_files::find(std::string_view id) const {
    const auto it = files_.find(number_in(id));
    return it == files_.end() || it->second.id != id ? nullptr : &it->second;
}

void telegram_files::publish(std::string_view id, telegram_clock::time_point now) {
    if (const auto it = files_.find(number_in(id)); it != files_.end() && it->second.id == id) {
        it->second.until = now + path_lives;
    }
}

const stored_file* telegram_files::at_path(std::string_view path, telegram_clock::time_point now) const {
    const auto it = files_.find(number_in(path));
    return it == files_.end() || it->second.path != path || now >= it->second.until ? nullptr : &it->second;
}

void telegram_files::put_on_web(std::string url, file_content content) {
    if (web_.size() < max_web_pages) {
        web_.insert_or_assign(std::move(url), std::move(content));
    }
}

const file_content* telegram_files::on_web(std::string_view url) const {
    const auto it = web_.find(url);
    return it == web_.end() ? nullptr : &it->second;
}

}  // namespace gateway::test
