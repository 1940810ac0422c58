#include "telegram_media.hpp"

#include "telegram_json.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;
using sdk::attachment_kind;

struct media {
    std::string_view field;
    attachment_kind kind;
    std::string_view mime_type;  // where the platform does not say it
};
// The first of them that is there is the one.
constexpr std::array<media, 7> kinds{{{"animation", attachment_kind::animation, "video/mp4"},
                                      {"audio", attachment_kind::audio, "audio/mpeg"},
                                      {"document", attachment_kind::file, ""},
                                      {"sticker", attachment_kind::sticker, "image/webp"},
                                      {"video", attachment_kind::video, "video/mp4"},
                                      {"video_note", attachment_kind::video_note, "video/mp4"},
                                      {"voice", attachment_kind::voice, "audio/ogg"}}};

std::uint32_t pixels(const json::object& file, std::string_view key) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(integer_in(file, key).value_or(0), 0, most));
}

// An id that was cut or mended would name another file, or none.
std::string file_id(const json::object& file) {
    const std::string_view id = raw_text_in(file, "file_id");
    const bool usable = id.size() <= GW_MAX_NAME_BYTES &&
                        std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return usable ? std::string(id) : std::string{};
}

std::string audio_title(const json::object& file) {
    std::string title = text_in(file, "title", GW_MAX_NAME_BYTES / 2);
    std::string performer = text_in(file, "performer", GW_MAX_NAME_BYTES / 2 - 8);
    if (title.empty() || performer.empty()) {
        return performer + title;
    }
    return performer.append(" – ").append(title);
}

sdk::attachment attachment_of(const json::object& file, const media& as) {
    sdk::attachment made{.kind = as.kind,
                         .width = pixels(file, "width"),
                         .height = pixels(file, "height"),
                         .size = std::max<std::int64_t>(integer_in(file, "file_size").value_or(0), 0),
                         .duration_ms = milliseconds_of(integer_in(file, "duration")),
                         .id = file_id(file),
                         .name = text_in(file, "file_name", GW_MAX_NAME_BYTES),
                         .mime_type = text_in(file, "mime_type", GW_MAX_ID_BYTES)};
    if (as.kind == attachment_kind::video_note) {
        made.width = made.height = pixels(file, "length");
    } else if (as.kind == attachment_kind::audio) {
        made.text = audio_title(file);
    } else if (as.kind == attachment_kind::sticker) {
        made.text = text_in(file, "emoji", GW_MAX_NAME_BYTES);
        made.mime_type = flag_in(file, "is_animated") ? "application/x-tgsticker"
                         : flag_in(file, "is_video")  ? "video/webm"
                                                      : as.mime_type;
    }
    if (made.mime_type.empty()) {
        made.mime_type = as.mime_type;
    }
    return made;
}

}  // namespace

std::optional<sdk::attachment> largest_photo(const json::object& from, std::string_view key) {
    std::optional<sdk::attachment> largest;
    const auto area = [](const sdk::attachment& of) { return std::uint64_t{of.width} * of.height; };
    const json::array* sizes = array_in(from, key);
    for (std::size_t index = 0; sizes != nullptr && index < sizes->size(); ++index) {
        const json::object* size = (*sizes)[index].if_object();
        if (size == nullptr) {
            continue;
        }
        auto made = attachment_of(*size, {key, attachment_kind::photo, "image/jpeg"});
        if (!made.id.empty() && (!largest || area(made) >= area(*largest))) {
            largest = std::move(made);
        }
    }
    return largest;
}

std::vector<sdk::attachment> files_of(const json::object& message) {
    std::vector<sdk::attachment> files;
    if (auto photo = largest_photo(message, "photo")) {
        files.push_back(std::move(*photo));
    }
    for (const media& each : kinds) {
        const json::object* file = files.empty() ? object_in(message, each.field) : nullptr;
        if (file == nullptr) {
            continue;
        }
        if (auto made = attachment_of(*file, each); !made.id.empty()) {
            files.push_back(std::move(made));
        }
    }
    for (sdk::attachment& each : files) {
        each.spoiler = flag_in(message, "has_media_spoiler");
    }
    return files;
}

std::string_view in_words(attachment_kind kind) {
    switch (kind) {
        case attachment_kind::photo:
            return "photo";
        case attachment_kind::audio:
            return "audio";
        case attachment_kind::voice:
            return "voice message";
        case attachment_kind::video:
            return "video";
        case attachment_kind::video_note:
            return "video message";
        case attachment_kind::animation:
            return "animation";
        case attachment_kind::sticker:
            return "sticker";
        case attachment_kind::file:
            break;
    }
    return "file";
}

}  // namespace gateway::telegram
