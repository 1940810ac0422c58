// Messages, events, deliveries and receipts as the core holds them: the ABI's structs (gateway/message.h, where each
// field is described) with memory of their own. Plain values, any thread. Kinds, flags and outcomes are the ABI's
// numbers; bounds are checked by bounds.hpp.
#pragma once

#include <gateway/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gateway::message {

struct sender {
    std::uint32_t flags = 0;  // GW_SENDER_*
    std::string id;
    std::string name;
};

struct message {
    std::string id;
    std::string chat;
    std::string thread;
    std::string reply_to;
    std::string text;
    std::optional<gateway::message::sender> sender;
    std::int64_t time_ms = 0;  // Unix time; 0: unknown
    std::string extra;
};

struct chat {
    std::int32_t kind = 0;  // GW_CHAT_*; 0: not told
    std::string id;
    std::string title;
};

struct event {
    std::int32_t kind = 0;  // GW_EVENT_*; says which of the two members counts
    std::string dedupe_id;
    gateway::message::message message;
    gateway::message::chat chat;
};

struct kv_write {
    std::string key;
    std::optional<std::string> value;  // none: delete the key
};

// What an instance hands over as one transaction. The operation's id stays with whoever answers it.
struct batch {
    std::vector<event> events;
    std::vector<kv_write> writes;
};

struct delivery {
    std::int32_t kind = GW_DELIVERY_MESSAGE;
    std::uint64_t id = 0;
    std::uint32_t flags = 0;    // GW_DELIVERY_*
    std::uint32_t attempt = 0;  // 1 at the first
    gateway::message::message message;
};

struct receipt {
    std::int32_t outcome = 0;  // GW_OUTCOME_*
    std::uint64_t delivery = 0;
    std::string message_id;
    std::string code;
    std::string text;
    std::int64_t retry_after_ms = 0;
    std::int32_t scope = GW_SCOPE_CHAT;
};

}  // namespace gateway::message
