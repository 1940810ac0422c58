// Whether bytes are UTF-8. Pure, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace gateway::message {

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF, no cut sequence. Fast where the text is ASCII.
[[nodiscard]] bool is_utf8(std::string_view text);

// The longest start of `text` (which is UTF-8) that has at most `max_bytes` and ends between two characters.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace gateway::message
