#pragma once
// The files one bot knows, uploaded by it or sent to it: content, identifiers, the fields a message shows them with,
// and their download, for an hour after getFile has named a path. Also the web, as far as Telegram fetches from it
// for the bot: the URLs a test has put there. Owned by telegram_bot, used on its thread.
// Bounds: max_files, of which the oldest are forgotten; max_web_pages.

#include "support/telegram_clock.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::test {

enum class media_kind { photo, document, video, animation, audio, voice, video_note, sticker };

// What differs between the kinds.
struct media_traits {
    media_kind kind;
    std::string_view method;  // that sends it
    std::string_view field;   // of the message, and the parameter that carries it
    std::string_view words;   // "there is no … in the request"
    std::string_view class_;  // in complaints about a file_id of another kind
    std::string_view folder;  // in the path of a download
    std::string_view mime_type;
    std::string_view extension;
    bool has_caption;
};

const media_traits& traits_of(media_kind kind);
std::optional<media_kind> media_kind_of(std::string_view field);

struct file_content {
    std::string name{};                // empty: none
    std::string mime_type{};           // empty: the kind's
    std::string bytes{};               // may be empty when only the size matters
    std::uint64_t size = 0;            // 0: that of the bytes
    boost::json::object attributes{};  // duration, width, height, performer, title, emoji …
};

struct stored_file {
    std::string id;
    std::string unique_id;
    media_kind kind = media_kind::document;
    std::string bytes;
    std::uint64_t size = 0;
    std::string path;                    // of its download
    boost::json::object fields;          // of a message that shows it: {"photo": […]}
    telegram_clock::time_point until{};  // its path is good until then
};

class telegram_files {
public:
    static constexpr std::size_t max_files = 20'000;
    static constexpr std::size_t max_web_pages = 1'000;
    static constexpr std::uint64_t max_download = 20 * 1024 * 1024;
    static constexpr std::uint64_t max_upload = 50 * 1024 * 1024;
    static constexpr std::uint64_t max_photo = 10 * 1024 * 1024;
    static constexpr std::chrono::hours path_lives{1};

    explicit telegram_files(std::int64_t owner) : owner_(owner) {}

    // A photo is stored in three sizes, of which the largest one is returned.
    const stored_file& add(media_kind kind, file_content content);
    const stored_file* find(std::string_view id) const;
    std::size_t count() const { return files_.size(); }

    // Makes the path good for an hour.
    void publish(std::string_view id, telegram_clock::time_point now);
    const stored_file* at_path(std::string_view path, telegram_clock::time_point now) const;

    void put_on_web(std::string url, file_content content);
    const file_content* on_web(std::string_view url) const;

private:
    stored_file& store(media_kind kind, std::string_view name, std::string bytes, std::uint64_t size);

    std::int64_t owner_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, stored_file> files_;  // by number, which is part of the id
    std::map<std::string, file_content, std::less<>> web_;
};

}  // namespace gateway::test
