// Messages, events, deliveries and receipts as the core holds them: the ABI's structs (gateway/message.h, event.h,
// delivery.h, where each field is described) with memory of their own. Plain values, any thread. Kinds, flags and
// outcomes are the ABI's numbers; bounds are checked by bounds.hpp.
#pragma once

#include <gateway/delivery.h>
#include <gateway/event.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gateway::message {

struct sender {
    std::uint32_t flags = 0;  // GW_SENDER_*
    std::string id{};
    std::string name{};

    bool operator==(const sender&) const = default;
};

struct attachment {
    std::int32_t kind = GW_ATTACHMENT_FILE;
    std::uint32_t flags = 0;  // GW_ATTACHMENT_*
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::int64_t size = 0;
    std::int64_t duration_ms = 0;
    std::string source{};
    std::string id{};
    std::string url{};
    std::string path{};
    std::string name{};
    std::string mime_type{};
    std::string text{};

    bool operator==(const attachment&) const = default;
};

struct button {
    std::uint32_t row = 0;
    std::string text{};
    std::string data{};
    std::string url{};

    bool operator==(const button&) const = default;
};

struct quote {
    std::uint32_t flags = 0;  // GW_QUOTE_*
    std::string text{};
    std::optional<gateway::message::sender> sender{};

    bool operator==(const quote&) const = default;
};

// What few messages have; never changed once it is made, so copies of a message share it.
struct enclosure {
    std::vector<attachment> attachments{};
    std::vector<button> buttons{};
    std::optional<gateway::message::quote> quote{};
    std::optional<gateway::message::sender> forwarded_from{};

    bool operator==(const enclosure&) const = default;
};

struct message {
    std::uint32_t flags = 0;  // GW_MESSAGE_*
    std::string id{};
    std::string chat{};
    std::string thread{};
    std::string reply_to{};
    std::string text{};
    std::optional<gateway::message::sender> sender{};
    std::int64_t time_ms = 0;  // Unix time; 0: unknown
    std::string extra{};
    std::shared_ptr<const enclosure> enclosed{};  // null: nothing
};

struct chat {
    std::int32_t kind = 0;  // GW_CHAT_*; 0: not told
    std::string id{};
    std::string title{};
    std::string previous_id = {};
    std::uint32_t flags = 0;  // GW_CHAT_*
};

struct event {
    std::int32_t kind = 0;  // GW_EVENT_*; says which of the two members counts
    std::string dedupe_id{};
    gateway::message::message message{};
    gateway::message::chat chat{};
};

struct kv_write {
    std::string key{};
    std::optional<std::string> value{};  // none: delete the key
};

// What an instance hands over as one transaction. The operation's id stays with whoever answers it.
struct batch {
    std::vector<event> events{};
    std::vector<kv_write> writes{};
};

struct delivery {
    std::int32_t kind = GW_DELIVERY_MESSAGE;
    std::uint64_t id = 0;
    std::uint32_t flags = 0;    // GW_DELIVERY_*
    std::uint32_t attempt = 0;  // 1 at the first
    gateway::message::message message{};
    std::vector<std::string> targets{};
};

struct receipt {
    std::int32_t outcome = 0;  // GW_OUTCOME_*
    std::uint64_t delivery = 0;
    std::vector<std::string> message_ids{};
    std::string code{};
    std::string text{};
    std::int64_t retry_after_ms = 0;
    std::int32_t scope = GW_SCOPE_CHAT;
    std::uint32_t calls = 0;
};

}  // namespace gateway::message
