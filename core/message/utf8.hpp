// Whether bytes are UTF-8. Pure, any thread.
#pragma once

#include <string_view>

namespace gateway::message {

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF, no cut sequence. Fast where the text is ASCII.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace gateway::message
