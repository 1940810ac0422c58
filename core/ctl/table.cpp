#include "ctl/table.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

namespace gateway::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t columns = 8;
using row = std::array<std::string, columns>;

std::string text_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || !found->is_string()) {
        return {};
    }
    // What a platform or a module said must not steer the terminal.
    std::string text(found->get_string().begin(), found->get_string().end());
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return text;
}

std::optional<std::int64_t> number_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || !found->is_number()) {
        return std::nullopt;
    }
    return found->to_number<std::int64_t>();
}

// Unix milliseconds of "2026-01-31T09:15:02.417Z"; nothing when it is no such text.
std::optional<std::int64_t> parse_time(const std::string& text) {
    using namespace std::chrono;
    int year_number = 0;
    unsigned month_number = 0;
    unsigned day_number = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int milli = 0;
    if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d.%3dZ", &year_number, &month_number, &day_number, &hour,
                    &minute, &second, &milli) != 7) {
        return std::nullopt;
    }
    const year_month_day date{year{year_number}, month{month_number}, day{day_number}};
    if (!date.ok()) {
        return std::nullopt;
    }
    const auto at = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{milli};
    return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

std::string reason_of(const json::object& adapter) {
    const auto* failure = adapter.if_contains("failure");
    if (failure == nullptr || !failure->is_object()) {
        return "";
    }
    const auto& why = failure->get_object();
    return text_of(why, "class") + ":" + text_of(why, "code") + " " + text_of(why, "text");
}

row row_of(const json::object& adapter, std::int64_t now_ms) {
    const auto since = parse_time(text_of(adapter, "since"));
    const auto retry = number_of(adapter, "next_retry_ms");
    const auto version = text_of(adapter, "version");
    return {text_of(adapter, "name"),
            text_of(adapter, "plugin") + (version.empty() ? "" : " " + version),
            text_of(adapter, "state"),
            since ? span_text(std::max<std::int64_t>(0, now_ms - *since)) : "",
            std::to_string(number_of(adapter, "attempts").value_or(0)),
            retry ? (*retry == 0 ? "now" : "in " + span_text(*retry)) : "-",
            std::to_string(number_of(adapter, "pending").value_or(0)),
            reason_of(adapter)};
}

}  // namespace

std::string span_text(std::int64_t ms) {
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    const auto seconds = (ms + 999) / 1000;
    if (seconds >= day) {
        return fmt::format("{}d {}h", seconds / day, seconds % day / hour);
    }
    if (seconds >= hour) {
        return fmt::format("{}h {}m", seconds / hour, seconds % hour / minute);
    }
    return seconds >= minute ? fmt::format("{}m {}s", seconds / minute, seconds % minute) : fmt::format("{}s", seconds);
}

std::string status_table(const json::array& adapters, std::int64_t now_ms) {
    std::vector<row> rows{{"NAME", "PLUGIN", "STATE", "SINCE", "ATTEMPTS", "RETRY", "PENDING", "REASON"}};
    for (const auto& each : adapters) {
        if (each.is_object()) {
            rows.push_back(row_of(each.get_object(), now_ms));
        }
    }
    std::array<std::size_t, columns> widths{};
    for (const auto& each : rows) {
        for (std::size_t i = 0; i < columns; ++i) {
            widths[i] = std::max(widths[i], each[i].size());
        }
    }
    std::string table;
    for (const auto& each : rows) {
        std::string line;
        for (std::size_t i = 0; i + 1 < columns; ++i) {
            line += fmt::format("{:<{}}  ", each[i], widths[i]);
        }
        line += each.back();
        line.erase(line.find_last_not_of(' ') + 1);
        table += line + "\n";
    }
    return table;
}

}  // namespace gateway::ctl
