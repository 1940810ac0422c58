// Deliveries and receipts: see gateway/delivery.h.
//
// X_view borrows and is valid until the running call returns; X owns.
#pragma once

#include <gateway/cpp/message.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/delivery.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::sdk {

enum class delivery_kind : std::int32_t {
    message = GW_DELIVERY_MESSAGE,
    edit = GW_DELIVERY_EDIT,
    remove = GW_DELIVERY_DELETE,
    reaction = GW_DELIVERY_REACTION,
    interaction = GW_DELIVERY_INTERACTION,
    member = GW_DELIVERY_MEMBER,
    typing = GW_DELIVERY_TYPING
};

struct delivery_view {
    delivery_kind kind = delivery_kind::message;
    delivery_id id{};
    bool repeated = false;  // an earlier attempt's outcome is unknown: it may have been sent
    std::uint32_t attempt = 1;
    message_view message{};
    std::vector<std::string_view> targets{};  // edit, remove, reaction: your ids of what is meant
};

struct delivery {
    delivery_kind kind = delivery_kind::message;
    delivery_id id{};
    bool repeated = false;
    std::uint32_t attempt = 1;
    sdk::message message{};
    std::vector<std::string> targets{};

    operator delivery_view() const { return {kind, id, repeated, attempt, message, {targets.begin(), targets.end()}}; }
};

[[nodiscard]] inline delivery own(const delivery_view& from) {
    return {from.kind,    from.id,           from.repeated,
            from.attempt, own(from.message), {from.targets.begin(), from.targets.end()}};
}

enum class outcome : std::int32_t {
    sent = GW_OUTCOME_SENT,
    failed = GW_OUTCOME_FAILED,
    retry = GW_OUTCOME_RETRY,
    unknown = GW_OUTCOME_UNKNOWN
};

enum class pause_scope : std::int32_t { chat = GW_SCOPE_CHAT, instance = GW_SCOPE_INSTANCE };

// The outcome of one delivery. Make it with one of the functions.
struct receipt {
    sdk::outcome outcome = sdk::outcome::sent;
    delivery_id delivery{};
    std::vector<std::string> message_ids{};  // of all that it became, in order
    std::string code{};
    std::string text{};
    std::chrono::milliseconds retry_after{0};
    pause_scope scope = pause_scope::chat;
    std::uint32_t calls = 0;  // requests that the platform's rate limits count; 0 is 1

    bool operator==(const receipt&) const = default;

    [[nodiscard]] static receipt sent(delivery_id of) { return {.delivery = of}; }
    // It became one message; an empty id: the platform gives none.
    [[nodiscard]] static receipt sent(delivery_id of, std::string message_id) {
        receipt made{.delivery = of};
        if (!message_id.empty()) {
            made.message_ids.push_back(std::move(message_id));
        }
        return made;
    }
    // It became several, in this order.
    [[nodiscard]] static receipt sent(delivery_id of, std::vector<std::string> message_ids) {
        return {.delivery = of, .message_ids = std::move(message_ids)};
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
