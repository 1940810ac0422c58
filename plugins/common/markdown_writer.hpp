// Text with styles → the gateway's Markdown (sdk/MARKDOWN.md). Pure.
//
// `read(write(r)) == r` for every valid `r` whose Markdown is within the reader's bounds. Ordinary prose is left as it
// is: only what could mean something is escaped. Time and size are linear in the text and its styles; a character takes
// six bytes at most.
#pragma once

#include "rich_text.hpp"

#include <string>

namespace gateway::markdown {

// `valid` is so by `is_valid`.
[[nodiscard]] std::string write(const rich_text& valid);

}  // namespace gateway::markdown
