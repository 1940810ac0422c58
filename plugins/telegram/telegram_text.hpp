// Texts as Telegram counts and bounds them. Pure.
//
// Lengths are UTF-16 code units, the unit of the platform's own limits for a client; the server counts code points, so
// what fits here fits there. Inputs that say "valid" are valid UTF-8, which the host guarantees for deliveries.
#pragma once

#include "rich_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

inline constexpr std::size_t max_text_units = 4096;  // of one message

// At most `max_bytes` of `bytes` as valid UTF-8: what is not becomes U+FFFD, and a cut leaves no broken character.
[[nodiscard]] std::string clean_utf8(std::string_view bytes, std::size_t max_bytes);

// Without white space at both ends, which the platform drops too.
[[nodiscard]] std::string_view trimmed(std::string_view valid);

[[nodiscard]] std::size_t utf16_units(std::string_view valid);

// The platform shows nothing of it, and refuses it: white space and characters without width alone.
[[nodiscard]] bool is_invisible(std::string_view valid);

// Pieces of at most `max_units` (at least 2) that together say the same, in order, with the styles of what is in them:
// cut before a code block that fits into a piece of its own, else at the end of a paragraph, of a line, between words,
// else inside a word but never inside a character, nor inside a grapheme of ordinary length. White space at a cut is
// dropped, and so are pieces without anything visible. No piece but the last is shorter than half of `max_units`,
// unless a code block follows or white space was dropped from it.
[[nodiscard]] std::vector<markdown::rich_text> split_text(const markdown::rich_text& valid,
                                                          std::size_t max_units = max_text_units);

}  // namespace gateway::telegram
