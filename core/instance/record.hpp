// What the host keeps of one instance that is alive or being torn down: one record per slot.
//
// Loop thread. Small on purpose: ten thousand of them are usual. Bounds: max_operations pending at a time.
#pragma once

#include "log/flood_limit.hpp"
#include "reconnect/slot.hpp"

#include <gateway/gateway.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::instance {

// One incarnation of one instance, as everything in this folder names it.
struct key {
    reconnect::slot_id slot{};
    reconnect::incarnation_id incarnation{};

    bool operator==(const key&) const = default;
};

[[nodiscard]] inline key key_of(gw_token token) {
    return {reconnect::slot_id{token.slot}, reconnect::incarnation_id{token.incarnation}};
}
[[nodiscard]] inline gw_token token_of(key of) {
    return {static_cast<std::uint32_t>(of.slot), static_cast<std::uint32_t>(of.incarnation)};
}
// The same in one number, for the services that cancel by owner. Never 0: incarnations count from 1.
[[nodiscard]] inline std::uint64_t owner_of(key of) {
    return std::uint64_t{static_cast<std::uint32_t>(of.slot)} << 32U | static_cast<std::uint32_t>(of.incarnation);
}

// What an instance is created from; shared by its incarnations.
struct instance_spec {
    std::string name;
    std::string json;                                        // its table, secrets resolved
    std::vector<std::pair<std::string, std::string>> chats;  // chat → its settings as JSON
    std::optional<std::string> proxy;                        // of [adapters.NAME]; unset: the host's
};

enum class operation_kind : std::uint8_t { commit, timer, kv, http, websocket, inbound };

struct operation {
    std::uint64_t op = 0;      // the adapter's number
    std::uint64_t handle = 0;  // the service's
    operation_kind kind{};
    bool completing = false;  // its last completion waits to be delivered: the service is done with it
};

inline constexpr std::size_t max_operations = 256;  // of one instance, of all kinds together

enum class life : std::uint8_t {
    none,        // no incarnation
    creating,    // `create` is queued or running
    connecting,  // created, not proven
    online,      // host->connected was accepted
    closing,     // `close` is queued, running or ran
    hung         // a call never returned: nothing is called any more, nothing is freed
};

struct record {
    const gw_adapter* adapter = nullptr;
    void* self = nullptr;
    std::shared_ptr<const instance_spec> spec;
    std::string module_name;
    reconnect::incarnation_id incarnation{};
    life phase = life::none;
    bool lost_reported = false;
    bool closed_reported = false;
    bool slow_reported = false;
    std::string create_error;  // the last error that `create` logged: why it failed
    std::vector<operation> operations;
    log::flood_limit log_lines{100};
    log::flood_limit complaints{5};

    [[nodiscard]] operation* find(std::uint64_t op) {
        const auto at = std::ranges::find(operations, op, &operation::op);
        return at == operations.end() ? nullptr : &*at;
    }

    [[nodiscard]] std::size_t count(operation_kind kind) const {
        return static_cast<std::size_t>(std::ranges::count(operations, kind, &operation::kind));
    }

    void forget(std::uint64_t op) {
        const auto at = std::ranges::find(operations, op, &operation::op);
        if (at != operations.end()) {
            *at = operations.back();
            operations.pop_back();
        }
    }
};

}  // namespace gateway::instance
