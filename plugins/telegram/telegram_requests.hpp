// Requests that say, change and show something in a chat. Pure.
//
// A file goes out by what the platform has of it already (an id), by a URL that it fetches, or from this machine: then
// the request is a form, whose file the host reads while it is sent.
#pragma once

#include "rich_text.hpp"
#include "telegram_protocol.hpp"

#include <gateway/cpp/message.hpp>

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

inline constexpr std::size_t max_caption_units = 1024;
inline constexpr std::size_t max_callback_data_bytes = 64;
inline constexpr std::int64_t max_upload_bytes = 50 * 1024 * 1024;
inline constexpr std::int64_t max_photo_bytes = 10 * 1024 * 1024;
inline constexpr std::size_t max_album_files = 10;
inline constexpr std::size_t max_messages_deleted = 100;  // by one request
inline constexpr std::size_t max_path_bytes = 4095;

// Where a message goes, and how.
struct place {
    std::string chat{};  // a number or @name
    std::optional<std::int64_t> thread{};
    std::optional<std::int64_t> reply_to{};
    bool silent = false;
    bool no_preview = false;
};

// Rows of inline buttons; empty: none.
using keyboard = boost::json::array;

enum class file_way : std::uint8_t {
    id,    // `reference` is a file_id of this account
    path,  // `reference` is an absolute path
    get,   // the host has to get it: `reference` is its id at `source`
    url,   // `reference` is a URL
    none   // there is no way to it
};

struct outgoing_file {
    sdk::attachment_kind kind = sdk::attachment_kind::file;
    file_way way = file_way::none;
    std::string reference{};
    std::string source{};
    std::string url{};  // for when it cannot be got
    std::string name{};
    std::string mime_type{};
    std::string text{};
    bool spoiler = false;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::int64_t size = 0;
    std::int64_t duration_ms = 0;
};

// How people call it: its name, or else its kind.
[[nodiscard]] std::string_view called(const outgoing_file& file);
[[nodiscard]] bool has_caption(sdk::attachment_kind kind);
// Files of one number may be sent together; 0: only alone.
[[nodiscard]] int album_of(sdk::attachment_kind kind);

[[nodiscard]] request send_message_request(const place& where, const markdown::rich_text& text,
                                           const keyboard& buttons = {});
// One of several kinds, by its own method. The caption may be empty.
[[nodiscard]] request send_file_request(const place& where, const outgoing_file& file,
                                        const markdown::rich_text& caption, const keyboard& buttons = {});
// Two to `max_album_files` of one album_of. The caption is the first one's, which is shown as that of all.
[[nodiscard]] request send_media_group_request(const place& where, const std::vector<outgoing_file>& files,
                                               const markdown::rich_text& caption);
// An edit without buttons takes away those that are there.
[[nodiscard]] request edit_text_request(const place& where, std::int64_t message, const markdown::rich_text& text,
                                        const keyboard& buttons = {});
[[nodiscard]] request edit_caption_request(const place& where, std::int64_t message, const markdown::rich_text& caption,
                                           const keyboard& buttons = {});
[[nodiscard]] request delete_messages_request(const place& where, const std::vector<std::int64_t>& messages);
// An empty text takes the reaction back; a custom emoji of this platform is one by its id.
[[nodiscard]] request set_reaction_request(const place& where, std::int64_t message, const markdown::rich_text& emoji);
[[nodiscard]] request typing_request(const std::string& chat, std::optional<std::int64_t> thread);

}  // namespace gateway::telegram
