// Message entities of the Bot API ↔ text with styles ↔ the gateway's Markdown. Pure.
//
// Coming in: offsets are UTF-16 units and not trusted; what is out of range, inside a character or crosses another is
// mended. What the platform finds by itself in any text (mentions, hashtags, addresses …) is no style.
//
// Going out: what the platform would drop or cut by its own rules is dropped or cut here, so that it takes the rest as
// it is.
#pragma once

#include "rich_text.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace gateway::telegram {

inline constexpr std::size_t max_entities_read = 1'000;  // of one message; further ones are no style
inline constexpr std::size_t max_entities_sent =
    100;  // the platform's bound, once for custom emoji and once for others

struct styled_text {
    markdown::rich_text what{};
    std::size_t unknown = 0;  // entities of kinds that are not known here
};

// `valid` is UTF-8 without U+0000; `entities` is what the platform gave as such, of any type.
[[nodiscard]] styled_text read_entities(std::string valid, const boost::json::value* entities);

// The text as the gateway's Markdown, in at most `max_bytes`: styles are left out, then the text is cut, where it would
// be longer.
[[nodiscard]] std::string to_markdown(markdown::rich_text what, std::size_t max_bytes);

// At most `max_entities_sent`, styles such as bold being the first to be left out, from the end.
[[nodiscard]] boost::json::array to_entities(const markdown::rich_text& valid);

}  // namespace gateway::telegram
