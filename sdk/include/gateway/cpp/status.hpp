// Outcomes: of host functions (status, refused), of a connection (failure), of reading the configuration
// (config_error).
//
// Plain values that own their text. Exceptions here are caught at the module's edge at the latest (entry.hpp).
#pragma once

#include <gateway/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace gateway::sdk {

// GW_OK and GW_ERR_*, see gateway/types.h. Values this header does not know may appear: they are failures.
enum class status : std::int32_t {
    ok = GW_OK,
    invalid = GW_ERR_INVALID,
    wrong_thread = GW_ERR_WRONG_THREAD,
    outside_call = GW_ERR_OUTSIDE_CALL,
    stale = GW_ERR_STALE,
    duplicate = GW_ERR_DUPLICATE,
    limit = GW_ERR_LIMIT,
    unsupported = GW_ERR_UNSUPPORTED,
    utf8 = GW_ERR_UTF8,
    busy = GW_ERR_BUSY,
    cancelled = GW_ERR_CANCELLED,
    timeout = GW_ERR_TIMEOUT,
    network = GW_ERR_NETWORK,
    io = GW_ERR_IO,
    not_found = GW_ERR_NOT_FOUND,
    too_large = GW_ERR_TOO_LARGE,
    config = GW_ERR_CONFIG
};

[[nodiscard]] inline std::string_view to_string(status value) noexcept {
    switch (value) {
        case status::ok:
            return "ok";
        case status::invalid:
            return "invalid";
        case status::wrong_thread:
            return "wrong_thread";
        case status::outside_call:
            return "outside_call";
        case status::stale:
            return "stale";
        case status::duplicate:
            return "duplicate";
        case status::limit:
            return "limit";
        case status::unsupported:
            return "unsupported";
        case status::utf8:
            return "utf8";
        case status::busy:
            return "busy";
        case status::cancelled:
            return "cancelled";
        case status::timeout:
            return "timeout";
        case status::network:
            return "network";
        case status::io:
            return "io";
        case status::not_found:
            return "not_found";
        case status::too_large:
            return "too_large";
        case status::config:
            return "config";
    }
    return "unknown";
}

// Names a pending operation, and a delivery. Distinct types, so that one is never taken for the other.
enum class op_id : std::uint64_t { none = 0 };
enum class delivery_id : std::uint64_t {};

// Thrown when the host refuses a call that can only be refused for a bug of the adapter (an argument out of its bounds,
// a text that is not UTF-8) or for want of an ability. Uncaught it ends this incarnation, visibly.
class refused : public std::runtime_error {
public:
    refused(const char* function, status why)
        : std::runtime_error(std::string("the host refused ").append(function).append(": ").append(to_string(why))),
          why_(why) {}
    [[nodiscard]] status why() const noexcept { return why_; }

private:
    status why_;
};

// Thrown by an adapter's constructor when a key of its table cannot be used: the instance is not created.
class config_error : public std::runtime_error {
public:
    // `sentence` says what is wrong and what would be right, and never holds a secret.
    config_error(std::string_view key, std::string_view sentence)
        : std::runtime_error(std::string(key).append(": ").append(sentence)), key_(key) {}
    [[nodiscard]] const std::string& key() const noexcept { return key_; }

private:
    std::string key_;
};

enum class failure_class : std::int32_t {
    transient = GW_FAILURE_TRANSIENT,
    rate_limited = GW_FAILURE_RATE_LIMITED,
    conflict = GW_FAILURE_CONFLICT,
    internal = GW_FAILURE_INTERNAL,
    auth = GW_FAILURE_AUTH,
    config = GW_FAILURE_CONFIG,
    unsupported = GW_FAILURE_UNSUPPORTED
};

// Why the instance is not connected. `text` is one sentence for an operator, without any secret.
struct failure {
    failure_class cls = failure_class::transient;
    std::string code{};
    std::string text{};
    std::optional<std::chrono::milliseconds> retry_after{};

    bool operator==(const failure&) const = default;
};

}  // namespace gateway::sdk
