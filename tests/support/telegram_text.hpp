#pragma once
// Text rules of the Bot API: UTF-8 checks, lengths in code points and UTF-16 units, trimming, answers in pure ASCII,
// and the checks of message entities. Pure functions; inputs that are said to be valid UTF-8 must be.

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::test {

bool is_valid_utf8(std::string_view text);
std::size_t count_code_points(std::string_view utf8);
std::size_t count_utf16_units(std::string_view utf8);

// JSON with every non-ASCII character as \uXXXX (a pair beyond the BMP), as the real server writes it.
std::string ascii_json(const boost::json::value& value);

bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

struct formatted_text {
    std::string text;
    boost::json::array entities;
};

// Trims white space at both ends (entities follow), checks the entities' types, fields and UTF-16 offsets, and drops
// those that the platform would drop or cut. On failure returns the text that follows "Bad Request: ".
std::optional<std::string> format_text(std::string_view text, const boost::json::array& entities,
                                       formatted_text& ret_text);

}  // namespace gateway::test
