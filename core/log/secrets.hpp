// The registry of secrets, and the redactor that keeps them out of everything the host writes.
//
// Whoever resolves a secret adds it here; the log applies `redact` to each line before it reaches a sink, and every
// other output (control API, error texts, metrics labels) calls it itself. Replaced by "[secret]" are
//   - each registered value, also percent-encoded, form-encoded, JSON-escaped and in base64 (both alphabets, alone or
//     inside something longer such as "user:secret"),
//   - anything shaped like a Telegram token (digits, a colon, 30 or more of A-Z a-z 0-9 _ -), registered or not.
//
// Any thread. Values are kept for the life of the process: one that was replaced by a newer one may still turn up in a
// late error text. Bounds: values of 4 to 65536 bytes, at most 100,000 of them; what is outside is refused, since short
// values would tear ordinary text apart. Redacting costs one pass over the text, whatever the number of secrets.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gateway::log {

class secret_registry {
public:
    static constexpr std::size_t min_bytes = 4;
    static constexpr std::size_t max_bytes = 65536;
    static constexpr std::size_t max_secrets = 100'000;

    secret_registry();
    ~secret_registry();
    secret_registry(const secret_registry&) = delete;
    secret_registry& operator=(const secret_registry&) = delete;

    // False when the value cannot be protected: shorter or longer than the bounds, or the registry is full. Adding a
    // value again is fine and changes nothing.
    bool add(std::string_view secret);

    [[nodiscard]] std::string redact(std::string_view text) const;

private:
    class patterns;
    mutable std::mutex mutex_;
    std::unique_ptr<patterns> patterns_;
};

// The registry of this process, which the log uses.
secret_registry& secrets();

// secrets().redact(text).
[[nodiscard]] std::string redact(std::string_view text);

}  // namespace gateway::log
