// The gateway's Markdown (sdk/MARKDOWN.md) → text with styles. Pure and total: whatever comes in, a valid text comes
// out.
//
// Time and memory are linear in the size of the source. What is longer than `max_source_bytes`, or would cost md4c more
// than linear time, is taken literally.
#pragma once

#include "rich_text.hpp"

#include <cstddef>
#include <string_view>

namespace gateway::markdown {

inline constexpr std::size_t max_source_bytes = 65'536;
inline constexpr std::size_t max_marks_of_line = 64;             // of lists and quotes at the start of one line
inline constexpr std::size_t max_brackets_by_lines = 4'000'000;  // opening brackets × lines
inline constexpr std::size_t max_callbacks_per_byte = 4;
inline constexpr std::size_t max_urls_bytes = 262'144;  // of all links together; further ones are plain text
inline constexpr std::size_t max_indented_lists = 8;    // deeper ones are not moved further to the right

[[nodiscard]] rich_text read(std::string_view source);

// True when the source is certain to say nothing but itself. (`read` looks at this first.)
[[nodiscard]] bool is_plain(std::string_view source);

}  // namespace gateway::markdown
