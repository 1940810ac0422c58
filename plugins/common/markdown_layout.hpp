// Which spans of a text the writer writes as blocks (a fence, `> ` lines, a quote's tags around paragraphs), and how
// the spans stand to each other. Pure.
//
// A block begins and ends at ends of lines, in no style but a quote's block, with newlines beside it that no style
// covers.
#pragma once

#include "rich_text.hpp"

#include <cstddef>
#include <vector>

namespace gateway::markdown {

struct place {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::size_t parent = none;
    std::size_t previous = none;  // with the same parent
    std::size_t next = none;      // likewise
    bool block = false;
    bool child_at_begin = false;  // a span inside begins where this one does
    bool child_at_end = false;    // … ends where this one does
};

// One for each span of the valid text.
[[nodiscard]] std::vector<place> laid_out(const rich_text& valid);

inline constexpr std::size_t max_fence_in_code = 32;  // a code block with a longer row of backticks is no block

// The longest row of backticks.
[[nodiscard]] std::size_t longest_backticks(std::string_view text);

}  // namespace gateway::markdown
