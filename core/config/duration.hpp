// Durations as the configuration writes them: a whole number and a unit, "250ms", "30s", "5m", "1h", "7d".
//
// Pure. No sign, no fraction, no space, no bare number, one unit. At most 365 days.
#pragma once

#include "config/complaint.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gateway::config {

inline constexpr std::chrono::milliseconds longest_duration = std::chrono::days{365};

// The mistake does not repeat the text.
boost::system::result<std::chrono::milliseconds, mistake> parse_duration(std::string_view text);

// As one would write it, in the largest unit that divides it: "90s", "1h".
std::string to_text(std::chrono::milliseconds duration);

}  // namespace gateway::config
