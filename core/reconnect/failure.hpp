#pragma once
// A failure says why an instance is not connected: what kind of trouble (class), which one (code), and a
// sentence for people (text), perhaps with the time a server asked us to stay away.
//
// Plain values, no thread of their own, no errors. The class alone decides whether retrying can help.
// Bounds: code and text are cut to the sizes below before anything keeps them; a server's wait is believed
// up to one day, so that a nonsense number cannot park an account for ever.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::reconnect {

enum class failure_class : std::uint8_t {
    transient,     // trouble of the network or the platform that passes; also what nobody could classify
    rate_limited,  // the platform asks for patience, often with a retry-after
    conflict,      // another client holds the account
    internal,      // a crash, a hang or a broken contract on our side of the wire
    auth,          // the platform rejects the credentials
    config,        // the configuration cannot work
    unsupported    // this module or this platform cannot do what is configured
};

inline constexpr std::size_t max_failure_code_bytes = 64;
inline constexpr std::size_t max_failure_text_bytes = 512;
inline constexpr std::chrono::milliseconds max_retry_after = std::chrono::hours{24};

struct failure {
    failure_class cls = failure_class::transient;
    std::string code;  // short and stable, for machines: "dns", "409", "connect_timeout"
    std::string text;  // one sentence for people, without secrets
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;

    bool operator==(const failure&) const = default;
};

/// True when trying again, with nothing changed, may help.
bool retryable(failure_class cls);

/// True when only a changed configuration (or module) can mend it; the opposite of retryable().
bool needs_configuration(failure_class cls);

/// The words of configuration, control API and logs: exactly the enumerators' names.
std::string_view to_string(failure_class cls);
std::optional<failure_class> failure_class_from_string(std::string_view word);

/// Cuts `text` to at most `max_bytes`, never inside a UTF-8 sequence.
void shorten(std::string& text, std::size_t max_bytes);

}  // namespace gateway::reconnect
