#include "reconnect/failure.hpp"

#include <array>

namespace gateway::reconnect {

namespace {

constexpr std::array<std::string_view, 7> words{"transient", "rate_limited", "conflict",   "internal",
                                                "auth",      "config",       "unsupported"};

}  // namespace

bool needs_configuration(failure_class cls) {
    return cls == failure_class::auth || cls == failure_class::config || cls == failure_class::unsupported;
}

bool retryable(failure_class cls) {
    return !needs_configuration(cls);
}

std::string_view to_string(failure_class cls) {
    return words[static_cast<std::size_t>(cls)];
}

std::optional<failure_class> failure_class_from_string(std::string_view word) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == word) {
            return static_cast<failure_class>(i);
        }
    }
    return std::nullopt;
}

void shorten(std::string& text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return;
    }
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    text.resize(end);
}

}  // namespace gateway::reconnect
