// UTF-8 checks, and making text from outside safe to show on one line.
//
// Pure functions, any thread. They accept any bytes and never fail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway::log {

// The offset of the first byte that is not part of well-formed UTF-8 (no overlong forms, surrogates or values above
// U+10FFFF); npos when all of it is.
std::size_t invalid_utf8_at(std::string_view text);

// `text` with each ill-formed byte replaced by U+FFFD, so that it may stand in JSON.
std::string to_valid_utf8(std::string_view text);

// `text` as one printable line: control characters (C0, DEL, C1), line and paragraph separators and bidirectional
// overrides as \n, \t, \u001b …, ill-formed bytes as \x9f. Backslashes stay, so the result is for people only.
std::string to_printable(std::string_view text);

// At most `max_bytes` of `text`, never ending inside a character, followed by a mark that says how much is missing.
std::string shorten(std::string_view text, std::size_t max_bytes);

}  // namespace gateway::log
