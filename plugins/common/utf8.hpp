// Characters of UTF-8: reading, writing, and what a reader of the text sees as one. Pure.
//
// `grapheme` functions are an approximation of Unicode's extended grapheme clusters (UAX 29), without its tables:
// combining marks of the common scripts, joiners, variation selectors, skin tones, tags, flags, conjoining Hangul. What
// it does not know it takes for a character of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway::utf8 {

[[nodiscard]] inline bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}
[[nodiscard]] inline bool is_ascii_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
[[nodiscard]] inline bool is_ascii_punct(char c) {
    return c > ' ' && c < '\x7f' && !is_ascii_alnum(c);
}

// The character that begins at `at`; U+FFFD and one byte when none does.
struct character {
    char32_t code = 0xfffd;
    std::size_t bytes = 1;
};
[[nodiscard]] character decode(std::string_view text, std::size_t at);
[[nodiscard]] bool is_valid(std::string_view text);
// What is no UTF-8, and U+0000, becomes U+FFFD.
[[nodiscard]] std::string mended(std::string_view text);
// The beginning of the character before `at`, which is not 0.
[[nodiscard]] std::size_t before(std::string_view text, std::size_t at);
// Appends it; U+FFFD for what is no character.
void append(char32_t code, std::string& ret_text);

// A space or separator of Unicode's category Z, or an ASCII one.
[[nodiscard]] bool is_space(char32_t code);

// Columns on a screen of equal columns: 0, 1 or 2.
[[nodiscard]] std::size_t columns(char32_t code);

// The greatest boundary between graphemes that is not after `at`, which is between characters of valid UTF-8. Looks
// back at most `max_grapheme_characters`: when none is found so far, it is `at` itself.
inline constexpr std::size_t max_grapheme_characters = 64;
[[nodiscard]] std::size_t grapheme_boundary(std::string_view valid, std::size_t at);

}  // namespace gateway::utf8
