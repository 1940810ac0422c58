// The host's log: one line per event, with a message and fields, as text for people or as JSON for machines.
//
//     log::info("connected", {{"instance", "tg"}, {"attempts", 3}});
//
//     2026-01-31T09:15:02.417Z info connected instance=tg attempts=3
//     {"time":"2026-01-31T09:15:02.417Z","level":"info","msg":"connected","instance":"tg","attempts":3}
//
// Any thread may write; a line is written whole, synchronously, before the call returns. Below the threshold a call
// costs one relaxed load; nothing is formatted. Message and values may hold anything an adapter sent: secrets are
// replaced (log/secrets.hpp), control characters escaped, ill-formed UTF-8 marked. Writing never throws or fails.
//
// Bounds: a message of 8 KiB, a value of 2 KiB, 32 fields; what is longer is cut and says so. Field names are ours;
// "time", "level" and "msg" get a trailing underscore.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace gateway::log {

inline constexpr std::size_t max_message_bytes = 8192;
inline constexpr std::size_t max_value_bytes = 2048;
inline constexpr std::size_t max_fields = 32;

enum class level : std::uint8_t { debug, info, warning, error, off };
enum class line_format : std::uint8_t { text, json };

// "debug", "info", "warning" or "warn", "error" or "err", "off"; "text", "json". Empty when it is none of them.
std::optional<level> parse_level(std::string_view name);
std::optional<line_format> parse_line_format(std::string_view name);
std::string_view to_string(level value);

// A field's value: text (borrowed until the call returns), a number, a truth value, or a duration (in milliseconds).
class value {
public:
    value(std::string_view text) : data_{text} {}
    value(const std::string& text) : data_{std::string_view{text}} {}
    value(const char* text) : data_{std::string_view{text}} {}
    value(std::same_as<bool> auto truth) : data_{truth} {}
    value(double number) : data_{number} {}
    value(std::signed_integral auto number) : data_{static_cast<std::int64_t>(number)} {}
    value(std::unsigned_integral auto number)
        requires(!std::same_as<decltype(number), bool>)
        : data_{static_cast<std::uint64_t>(number)} {}
    template <class Number, class Period>
    value(std::chrono::duration<Number, Period> time)
        : data_{std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(time).count()}} {}

    using alternatives = std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t>;
    [[nodiscard]] const alternatives& data() const { return data_; }

private:
    alternatives data_;
};

struct field {
    std::string_view name;
    value data;
};

using output = std::function<void(std::string_view line)>;

struct options {
    level threshold = level::info;
    line_format format = line_format::text;
    // systemd's "<6>" before each line, and no time or level in text: the journal has its own.
    bool for_journal = false;
    // Where finished lines go, each with its newline; empty: standard error. Called under the log's lock.
    output to = {};
};

// Replaces the settings; lines written meanwhile use the old or the new ones. Before the first call: info, text,
// standard error.
void configure(options settings);

// Whether standard error is the systemd journal ($JOURNAL_STREAM names it by device and inode).
bool stderr_is_journal();

namespace detail {
inline std::atomic<level> threshold{level::info};
}

inline bool enabled(level severity) {
    return severity >= detail::threshold.load(std::memory_order_relaxed);
}

// Writes regardless of the threshold; the functions below ask first.
void write(level severity, std::string_view message, std::span<const field> fields);

inline void log(level severity, std::string_view message, std::initializer_list<field> fields = {}) {
    if (enabled(severity)) {
        write(severity, message, {fields.begin(), fields.size()});
    }
}

inline void debug(std::string_view message, std::initializer_list<field> fields = {}) {
    log(level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<field> fields = {}) {
    log(level::info, message, fields);
}
inline void warning(std::string_view message, std::initializer_list<field> fields = {}) {
    log(level::warning, message, fields);
}
inline void error(std::string_view message, std::initializer_list<field> fields = {}) {
    log(level::error, message, fields);
}

}  // namespace gateway::log
