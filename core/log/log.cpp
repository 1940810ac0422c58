#include "log/log.hpp"

#include "log/secrets.hpp"
#include "log/utf8.hpp"

#include <boost/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cmath>
#include <ctime>
#include <memory>
#include <mutex>
#include <type_traits>

namespace gateway::log {
namespace {

struct level_names {
    level value;
    std::string_view name;
    spdlog::level::level_enum in_spdlog;
    std::string_view journal_prefix;  // syslog's numbers, see sd-daemon(3)
};

constexpr std::array levels{
    level_names{level::debug, "debug", spdlog::level::debug, "<7>"},
    level_names{level::info, "info", spdlog::level::info, "<6>"},
    level_names{level::warning, "warning", spdlog::level::warn, "<4>"},
    level_names{level::error, "error", spdlog::level::err, "<3>"},
    level_names{level::off, "off", spdlog::level::off, ""},
};

const level_names& names_of(spdlog::level::level_enum value) {
    for (const level_names& names : levels) {
        if (names.in_spdlog == value) {
            return names;
        }
    }
    return levels[3];
}

std::string rfc3339(spdlog::log_clock::time_point time) {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const auto seconds = static_cast<std::time_t>(since_epoch / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(since_epoch % 1000));
    return std::string{date.data()} + fraction.data();
}

// Puts time and level before what `write` composed, and is the one place through which every line leaves: whatever
// the pieces went through before, the finished line is redacted here.
class line_formatter : public spdlog::formatter {
public:
    line_formatter(line_format format, bool for_journal) : format_{format}, for_journal_{for_journal} {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& ret_line) override {
        const level_names& names = names_of(message.level);
        const std::string_view composed{message.payload.data(), message.payload.size()};
        std::string line;
        if (format_ == line_format::json) {
            line = "{\"time\":\"" + rfc3339(message.time) + "\",\"level\":\"";
            line.append(names.name).append("\",").append(composed);
        } else if (!for_journal_) {
            line = rfc3339(message.time);
            line.append(" ").append(names.name).append(" ").append(composed);
        } else {
            line = composed;
        }
        line = redact(line);
        if (for_journal_) {
            line.insert(0, names.journal_prefix);
        }
        line += '\n';
        ret_line.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<line_formatter>(format_, for_journal_);
    }

private:
    line_format format_;
    bool for_journal_;
};

class function_sink : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit function_sink(output to) : to_{std::move(to)} {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        to_({line.data(), line.size()});
    }
    void flush_() override {}

private:
    output to_;
};

struct state {
    std::shared_ptr<spdlog::logger> logger;
    line_format format = line_format::text;
};

std::shared_ptr<const state> make_state(options settings) {
    spdlog::sink_ptr sink;
    if (settings.to) {
        sink = std::make_shared<function_sink>(std::move(settings.to));
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    sink->set_formatter(std::make_unique<line_formatter>(settings.format, settings.for_journal));
    auto logger = std::make_shared<spdlog::logger>("gateway", std::move(sink));
    logger->set_level(spdlog::level::trace);  // the threshold is asked before, in the header
    // A sink that fails (a closed pipe, a full disk) has nowhere left to complain.
    logger->set_error_handler([](const std::string&) {});
    return std::make_shared<const state>(state{std::move(logger), settings.format});
}

std::mutex& state_mutex() {
    static auto& mutex = *new std::mutex;  // never destroyed: threads may log until the process ends
    return mutex;
}

std::shared_ptr<const state>& current_state() {
    static auto& current = *new std::shared_ptr<const state>{make_state({})};
    return current;
}

// Redacted before it is cut, so that no part of a secret stays at the cut.
std::string clean(std::string_view text, std::size_t max_bytes) {
    return shorten(redact(text), max_bytes);
}

std::string text_of(std::string_view text) {
    std::string shown = to_printable(clean(text, max_value_bytes));
    const bool plain = !shown.empty() && shown.find_first_of(" =\"") == std::string::npos;
    if (plain) {
        return shown;
    }
    std::string quoted = "\"";
    for (const char c : shown) {
        quoted.append(c == '"' ? "\\" : "").push_back(c);
    }
    return quoted + '"';
}

std::string text_of(const value& value) {
    return std::visit(
        [](const auto& data) -> std::string {
            using type = std::decay_t<decltype(data)>;
            if constexpr (std::is_same_v<type, std::string_view>) {
                return text_of(data);
            } else if constexpr (std::is_same_v<type, bool>) {
                return data ? "true" : "false";
            } else {
                return fmt::format("{}", data);
            }
        },
        value.data());
}

boost::json::value json_of(const value& value) {
    return std::visit(
        [](const auto& data) -> boost::json::value {
            using type = std::decay_t<decltype(data)>;
            if constexpr (std::is_same_v<type, std::string_view>) {
                return boost::json::string{to_valid_utf8(clean(data, max_value_bytes))};
            } else if constexpr (std::is_same_v<type, double>) {
                return std::isfinite(data) ? boost::json::value(data) : boost::json::value(nullptr);
            } else {
                return data;
            }
        },
        value.data());
}

std::string compose_text(std::string_view message, std::span<const field> fields) {
    std::string line = to_printable(clean(message, max_message_bytes));
    for (const field& field : fields) {
        line.append(" ").append(field.name).append("=").append(text_of(field.data));
    }
    return line;
}

// Without the opening brace: time and level come first.
std::string compose_json(std::string_view message, std::span<const field> fields) {
    boost::json::object line;
    line["msg"] = to_valid_utf8(clean(message, max_message_bytes));
    for (const field& field : fields) {
        const bool taken = field.name == "time" || field.name == "level" || field.name == "msg";
        line[taken ? std::string{field.name} + '_' : std::string{field.name}] = json_of(field.data);
    }
    return boost::json::serialize(line).substr(1);
}

}  // namespace

std::optional<level> parse_level(std::string_view name) {
    if (name == "warn") {
        return level::warning;
    }
    if (name == "err") {
        return level::error;
    }
    for (const level_names& names : levels) {
        if (names.name == name) {
            return names.value;
        }
    }
    return std::nullopt;
}

std::optional<line_format> parse_line_format(std::string_view name) {
    if (name == "text") {
        return line_format::text;
    }
    return name == "json" ? std::optional{line_format::json} : std::nullopt;
}

std::string_view to_string(level value) {
    return levels[static_cast<std::size_t>(value)].name;
}

void configure(options settings) {
    const level threshold = settings.threshold;
    auto fresh = make_state(std::move(settings));
    const std::lock_guard lock{state_mutex()};
    current_state() = std::move(fresh);
    detail::threshold.store(threshold, std::memory_order_relaxed);
}

void write(level severity, std::string_view message, std::span<const field> fields) {
    std::shared_ptr<const state> now;
    {
        const std::lock_guard lock{state_mutex()};
        now = current_state();
    }
    fields = fields.first(std::min(fields.size(), max_fields));
    const std::string line =
        now->format == line_format::json ? compose_json(message, fields) : compose_text(message, fields);
    now->logger->log(levels[static_cast<std::size_t>(severity)].in_spdlog, spdlog::string_view_t{line});
}

}  // namespace gateway::log
