// Messages and chats: see gateway/message.h for what the fields mean and how long they may be.
//
// X_view borrows and is valid until the running call returns; X owns. An X converts to an X_view by itself; `own` makes
// the copy that is to be kept.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::sdk {

struct sender_view {
    std::string_view id{};
    std::string_view name{};
    bool bot = false;   // an account that a program runs
    bool self = false;  // this very account
};

enum class attachment_kind : std::int32_t {
    file = GW_ATTACHMENT_FILE,
    photo = GW_ATTACHMENT_PHOTO,
    audio = GW_ATTACHMENT_AUDIO,
    voice = GW_ATTACHMENT_VOICE,
    video = GW_ATTACHMENT_VIDEO,
    video_note = GW_ATTACHMENT_VIDEO_NOTE,
    animation = GW_ATTACHMENT_ANIMATION,
    sticker = GW_ATTACHMENT_STICKER
};

// A file, named by what can get it: `Text` is std::string or std::string_view.
template <typename Text>
struct basic_attachment {
    attachment_kind kind = attachment_kind::file;
    bool spoiler = false;
    std::uint32_t width = 0;  // pixels; 0: unknown, like all numbers here
    std::uint32_t height = 0;
    std::int64_t size = 0;  // bytes
    std::int64_t duration_ms = 0;
    Text source{};  // a delivery's: the instance whose `id` it is
    Text id{};
    Text url{};
    Text path{};
    Text name{};
    Text mime_type{};
    Text text{};

    bool operator==(const basic_attachment&) const = default;
};
using attachment_view = basic_attachment<std::string_view>;
using attachment = basic_attachment<std::string>;

template <typename Text>
struct basic_button {
    std::uint32_t row = 0;
    Text text{};
    Text data{};
    Text url{};

    bool operator==(const basic_button&) const = default;
};
using button_view = basic_button<std::string_view>;
using button = basic_button<std::string>;

struct quote_view {
    std::string_view text{};
    bool chosen = false;  // the part that the author marked
    std::optional<sender_view> sender{};
};

struct message_view {
    std::string_view id{};
    std::string_view chat{};
    std::string_view thread{};
    std::string_view reply_to{};
    std::string_view text{};
    std::optional<sender_view> sender{};
    std::int64_t time_ms = 0;  // Unix time; 0: unknown
    std::string_view extra{};
    std::uint32_t flags = 0;  // GW_MESSAGE_*
    std::vector<attachment_view> attachments{};
    std::vector<button_view> buttons{};
    std::optional<quote_view> quote{};
    std::optional<sender_view> forwarded_from{};

    [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

struct sender {
    std::string id{};
    std::string name{};
    bool bot = false;
    bool self = false;

    operator sender_view() const { return {id, name, bot, self}; }
};

struct quote {
    std::string text{};
    bool chosen = false;
    std::optional<sdk::sender> sender{};

    operator quote_view() const { return {text, chosen, sender ? std::optional<sender_view>(*sender) : std::nullopt}; }
};

struct message {
    std::string id{};
    std::string chat{};
    std::string thread{};
    std::string reply_to{};
    std::string text{};
    std::optional<sdk::sender> sender{};
    std::int64_t time_ms = 0;
    std::string extra{};
    std::uint32_t flags = 0;
    std::vector<attachment> attachments{};
    std::vector<button> buttons{};
    std::optional<sdk::quote> quote{};
    std::optional<sdk::sender> forwarded_from{};

    operator message_view() const;
};

namespace detail {

template <typename To, typename From>
[[nodiscard]] basic_attachment<To> convert(const basic_attachment<From>& from) {
    return {from.kind,        from.spoiler,       from.width,   from.height,  from.size,
            from.duration_ms, To(from.source),    To(from.id),  To(from.url), To(from.path),
            To(from.name),    To(from.mime_type), To(from.text)};
}

template <typename To, typename From>
[[nodiscard]] basic_button<To> convert(const basic_button<From>& from) {
    return {from.row, To(from.text), To(from.data), To(from.url)};
}

template <typename To, typename From>
[[nodiscard]] auto convert_all(const std::vector<From>& from) {
    std::vector<decltype(convert<To>(from.front()))> made;
    made.reserve(from.size());
    for (const From& each : from) {
        made.push_back(convert<To>(each));
    }
    return made;
}

template <typename To, typename From>
[[nodiscard]] std::optional<To> convert_optional(const std::optional<From>& from) {
    return from ? std::optional<To>(To(*from)) : std::nullopt;
}

}  // namespace detail

inline message::operator message_view() const {
    return {.id = id,
            .chat = chat,
            .thread = thread,
            .reply_to = reply_to,
            .text = text,
            .sender = detail::convert_optional<sender_view>(sender),
            .time_ms = time_ms,
            .extra = extra,
            .flags = flags,
            .attachments = detail::convert_all<std::string_view>(attachments),
            .buttons = detail::convert_all<std::string_view>(buttons),
            .quote = detail::convert_optional<quote_view>(quote),
            .forwarded_from = detail::convert_optional<sender_view>(forwarded_from)};
}

[[nodiscard]] inline sender own(const sender_view& from) {
    return {std::string(from.id), std::string(from.name), from.bot, from.self};
}

[[nodiscard]] inline attachment own(const attachment_view& from) {
    return detail::convert<std::string>(from);
}

[[nodiscard]] inline message own(const message_view& from) {
    message copy{.id = std::string(from.id),
                 .chat = std::string(from.chat),
                 .thread = std::string(from.thread),
                 .reply_to = std::string(from.reply_to),
                 .text = std::string(from.text),
                 .time_ms = from.time_ms,
                 .extra = std::string(from.extra),
                 .flags = from.flags,
                 .attachments = detail::convert_all<std::string>(from.attachments),
                 .buttons = detail::convert_all<std::string>(from.buttons)};
    if (from.sender) {
        copy.sender = own(*from.sender);
    }
    if (from.quote) {
        copy.quote = quote{.text = std::string(from.quote->text), .chosen = from.quote->chosen};
        if (from.quote->sender) {
            copy.quote->sender = own(*from.quote->sender);
        }
    }
    if (from.forwarded_from) {
        copy.forwarded_from = own(*from.forwarded_from);
    }
    return copy;
}

enum class chat_kind : std::int32_t {
    private_chat = GW_CHAT_PRIVATE,
    group = GW_CHAT_GROUP,
    channel = GW_CHAT_CHANNEL
};

struct chat_view {
    chat_kind kind = chat_kind::group;
    std::string_view id{};
    std::string_view title{};
    std::string_view previous_id{};  // the chat had this id until now; empty: none
    bool gone = false;               // the account cannot speak there any more
};

}  // namespace gateway::sdk
