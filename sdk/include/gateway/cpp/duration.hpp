// Durations as the configuration writes them: a whole number and a unit (ms, s, m, h, d), at most 365 days. Pure.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace gateway::sdk {

inline constexpr std::chrono::milliseconds longest_duration = std::chrono::days{365};

// "2s" → 2000 ms; nothing for what is not a duration: a sign, a fraction, a space, a bare number, another unit.
[[nodiscard]] inline std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    if (text.empty() || text.front() == '-') {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, ms] : units) {
        if (name == unit && number <= longest_duration.count() / ms) {
            return std::chrono::milliseconds{number * ms};
        }
    }
    return std::nullopt;
}

}  // namespace gateway::sdk
