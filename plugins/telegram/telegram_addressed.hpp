// Whom a text is meant for: commands and mentions, as the platform marked them. Pure.
#pragma once

#include "rich_text.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::telegram {

enum class command : std::uint8_t {
    none,    // no command, or one that names nobody
    ours,    // "/cmd@us"
    others,  // "/cmd@another_bot"
};

// Whose command the text begins with. Of ours the "@us" is taken out of the text; its styles move along.
[[nodiscard]] command take_command(markdown::rich_text& ret_text, const boost::json::value* entities,
                                   std::string_view username);

// `valid` is the text that the entities belong to: "@us", or a mention of our id.
[[nodiscard]] bool mentions(std::string_view valid, const boost::json::value* entities, std::string_view username,
                            std::int64_t own_id);

}  // namespace gateway::telegram
