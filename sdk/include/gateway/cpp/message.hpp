// Messages, chats, deliveries and receipts: see gateway/message.h for what the fields mean and how long they may be.
//
// X_view borrows and is valid until the running call returns; X owns. An X converts to an X_view by itself; `own` makes
// the copy that is to be kept.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/message.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gateway::sdk {

struct sender_view {
    std::string_view id{};
    std::string_view name{};
    bool bot = false;   // an account that a program runs
    bool self = false;  // this very account
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
};

struct sender {
    std::string id{};
    std::string name{};
    bool bot = false;
    bool self = false;

    operator sender_view() const { return {id, name, bot, self}; }
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

    operator message_view() const {
        return {id,      chat, thread, reply_to, text, sender ? std::optional<sender_view>(*sender) : std::nullopt,
                time_ms, extra};
    }
};

[[nodiscard]] inline message own(const message_view& from) {
    message copy{.id = std::string(from.id),
                 .chat = std::string(from.chat),
                 .thread = std::string(from.thread),
                 .reply_to = std::string(from.reply_to),
                 .text = std::string(from.text),
                 .time_ms = from.time_ms,
                 .extra = std::string(from.extra)};
    if (from.sender) {
        copy.sender =
            sender{std::string(from.sender->id), std::string(from.sender->name), from.sender->bot, from.sender->self};
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
};

struct delivery_view {
    delivery_id id{};
    bool repeated = false;  // an earlier attempt's outcome is unknown: it may have been sent
    std::uint32_t attempt = 1;
    message_view message{};
};

struct delivery {
    delivery_id id{};
    bool repeated = false;
    std::uint32_t attempt = 1;
    sdk::message message{};

    operator delivery_view() const { return {id, repeated, attempt, message}; }
};

[[nodiscard]] inline delivery own(const delivery_view& from) {
    return {from.id, from.repeated, from.attempt, own(from.message)};
}

enum class outcome : std::int32_t {
    sent = GW_OUTCOME_SENT,
    failed = GW_OUTCOME_FAILED,
    retry = GW_OUTCOME_RETRY,
    unknown = GW_OUTCOME_UNKNOWN
};

enum class pause_scope : std::int32_t { chat = GW_SCOPE_CHAT, instance = GW_SCOPE_INSTANCE };

// The outcome of one delivery. Make it with one of the four functions.
struct receipt {
    sdk::outcome outcome = sdk::outcome::sent;
    delivery_id delivery{};
    std::string message_id{};
    std::string code{};
    std::string text{};
    std::chrono::milliseconds retry_after{0};
    pause_scope scope = pause_scope::chat;

    bool operator==(const receipt&) const = default;

    [[nodiscard]] static receipt sent(delivery_id of, std::string message_id = {}) {
        return {.outcome = outcome::sent, .delivery = of, .message_id = std::move(message_id)};
    }
    // Never will be sent: no such chat, no rights, refused content.
    [[nodiscard]] static receipt failed(delivery_id of, std::string code, std::string text) {
        return {.outcome = outcome::failed, .delivery = of, .code = std::move(code), .text = std::move(text)};
    }
    // Certainly not sent: repeat it after `retry_after`, 0 being the host's own pace.
    [[nodiscard]] static receipt retry(delivery_id of, std::string code, std::string text,
                                       std::chrono::milliseconds retry_after = std::chrono::milliseconds{0},
                                       pause_scope scope = pause_scope::chat) {
        return {.outcome = outcome::retry,
                .delivery = of,
                .code = std::move(code),
                .text = std::move(text),
                .retry_after = retry_after,
                .scope = scope};
    }
    // May have been sent.
    [[nodiscard]] static receipt unknown(delivery_id of, std::string code, std::string text) {
        return {.outcome = outcome::unknown, .delivery = of, .code = std::move(code), .text = std::move(text)};
    }
};

}  // namespace gateway::sdk
