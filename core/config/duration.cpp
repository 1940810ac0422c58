#include "config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace gateway::config {
namespace {

struct unit {
    std::string_view name;
    std::int64_t ms;
};

constexpr std::array units{unit{"ms", 1}, unit{"s", 1'000}, unit{"m", 60'000}, unit{"h", 3'600'000},
                           unit{"d", 86'400'000}};

constexpr std::string_view right_form = "; write a whole number and a unit (ms, s, m, h or d), such as \"30s\"";

}  // namespace

boost::system::result<std::chrono::milliseconds, mistake> parse_duration(std::string_view text) {
    const auto complain = [](std::string_view wrong) { return mistake{std::string{wrong}.append(right_form)}; };
    if (text.empty()) {
        return complain("is an empty duration");
    }
    if (text.front() == '-') {
        return complain("is a negative duration");
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) {
        return mistake{"is longer than 365 days"};
    }
    if (error != std::errc{}) {
        return complain("is not a duration");
    }
    const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    if (name.empty()) {
        return complain("is a number without a unit");
    }
    for (const unit& unit : units) {
        if (unit.name == name) {
            if (number > longest_duration.count() / unit.ms) {
                return mistake{"is longer than 365 days"};
            }
            return std::chrono::milliseconds{number * unit.ms};
        }
    }
    return complain(name.front() == '.' ? "is a duration with a fraction" : "has an unknown unit");
}

std::string to_text(std::chrono::milliseconds duration) {
    const auto ms = duration.count();
    const auto fits =
        std::find_if(units.rbegin(), units.rend(), [&](const unit& u) { return ms != 0 && ms % u.ms == 0; });
    return fits == units.rend() ? "0s" : std::to_string(ms / fits->ms).append(fits->name);
}

}  // namespace gateway::config
