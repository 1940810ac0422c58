// Text with styles, between every platform's formatting and the gateway's Markdown. Pure values.
//
// Offsets are bytes of UTF-8. Texts are UTF-8 without U+0000; `normalized` does not check that, its callers have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::markdown {

enum class style : std::uint8_t {
    bold,
    italic,
    underline,
    strike,
    spoiler,
    quote,
    expandable_quote,
    link,          // data: the URL
    code,          //
    code_block,    // data: the language, or nothing
    custom_emoji,  // data: the URL, PLATFORM://emoji…
};
inline constexpr std::size_t style_count = 11;

struct span {
    style what = style::bold;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string data{};

    friend bool operator==(const span&, const span&) = default;
};

struct rich_text {
    std::string text{};
    std::vector<span> spans{};

    friend bool operator==(const rich_text&, const rich_text&) = default;
};

inline constexpr std::size_t max_data_bytes = 4096;
inline constexpr std::size_t max_language_bytes = 64;

// A quote of either kind is the same style when it comes to nesting.
[[nodiscard]] bool is_quote(style what);
// Code, code blocks, custom emoji: no styles inside.
[[nodiscard]] bool is_leaf(style what);

// What a code block's language may be: letters, digits and "+#.-_", at most `max_language_bytes`; the rest is left out.
[[nodiscard]] std::string clean_language(std::string_view any);

// What `read` gives and `write` wants: spans are not empty, begin and end between characters, nest, stand in the order
// in which they open, the outer one first; no style is inside itself or inside a leaf; links and emoji have URLs
// without control characters, languages are clean.
[[nodiscard]] bool is_valid(const rich_text& what);

// The same text with its spans mended, whatever they were: ends are moved to the next character and into the text, what
// crosses is cut in two, what may not be inside is taken out there, what is empty or lacks its URL is dropped. Of spans
// with the same range the earlier one is the outer one. Time: O(n log n) in the number of spans.
[[nodiscard]] rich_text normalized(rich_text what);

}  // namespace gateway::markdown
