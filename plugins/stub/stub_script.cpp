#include "stub_script.hpp"

#include <gateway/cpp/duration.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gateway::stub {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, sdk::failure_class>, 7> classes{{
    {"transient", sdk::failure_class::transient},
    {"rate_limited", sdk::failure_class::rate_limited},
    {"conflict", sdk::failure_class::conflict},
    {"internal", sdk::failure_class::internal},
    {"auth", sdk::failure_class::auth},
    {"config", sdk::failure_class::config},
    {"unsupported", sdk::failure_class::unsupported},
}};

constexpr std::string_view failure_form =
    "CLASS:CODE or CLASS:CODE:RETRY_AFTER, CLASS being transient, rate_limited, conflict, internal, auth, config or "
    "unsupported";

// Cuts off and returns what comes before the first `separator`, or everything.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view head = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return head;
}

// "rate_limited:flood:5s"; nothing when it has another form.
std::optional<sdk::failure> parse_failure(std::string_view text) {
    std::string_view rest = text;
    const std::string_view cls = take_until(rest, ':');
    const auto known = std::find_if(classes.begin(), classes.end(), [&](const auto& c) { return c.first == cls; });
    const bool has_retry_after = rest.find(':') != std::string_view::npos;
    const std::string_view code = take_until(rest, ':');
    if (known == classes.end() || code.empty() || code.size() > GW_MAX_CODE_BYTES) {
        return std::nullopt;
    }
    sdk::failure why{.cls = known->second, .code = std::string(code)};
    if (has_retry_after) {
        why.retry_after = sdk::parse_duration(rest);
        if (!why.retry_after) {
            return std::nullopt;
        }
    }
    return why;
}

std::string_view text_of(std::string_view key, const json::value& value) {
    const json::string* text = value.if_string();
    if (text == nullptr) {
        throw sdk::config_error(key, "is not a string");
    }
    return {text->data(), text->size()};
}

std::chrono::milliseconds duration_of(std::string_view key, const json::value& value) {
    const auto duration = sdk::parse_duration(text_of(key, value));
    if (!duration) {
        throw sdk::config_error(key, "is not a duration, such as \"30s\"");
    }
    return *duration;
}

std::uint64_t count_of(std::string_view key, const json::value& value) {
    if (const std::int64_t* count = value.if_int64(); count != nullptr && *count >= 0) {
        return static_cast<std::uint64_t>(*count);
    }
    throw sdk::config_error(key, "is not a whole number of at least 0");
}

bool flag_of(std::string_view key, const json::value& value) {
    if (const bool* flag = value.if_bool(); flag != nullptr) {
        return *flag;
    }
    throw sdk::config_error(key, "is not true or false");
}

const json::object& table_of(std::string_view key, const json::value& value) {
    const json::object* table = value.if_object();
    if (table == nullptr) {
        throw sdk::config_error(key, "is not a table");
    }
    return *table;
}

connect_step step_of(std::string_view key, std::string_view entry) {
    constexpr std::string_view fail = "fail:";
    if (entry == "ok") {
        return {step_kind::ok, {}};
    }
    if (entry == "hang") {
        return {step_kind::hang, {}};
    }
    if (entry.starts_with(fail)) {
        if (auto why = parse_failure(entry.substr(fail.size()))) {
            why->text = std::string("Rehearsed: the connect script says \"").append(entry).append("\".");
            return {step_kind::fail, *std::move(why)};
        }
    }
    throw sdk::config_error(key, std::string("is none of \"ok\", \"hang\" and \"fail:\" with ").append(failure_form));
}

void read_connect(script& into, const json::value& value) {
    const json::array* entries = value.if_array();
    if (entries == nullptr || entries->empty()) {
        throw sdk::config_error("connect",
                                "is not a list of at least one entry, such as [\"fail:transient:dns\", \"ok\"]");
    }
    into.connect.reserve(entries->size());
    for (std::size_t i = 0; i < entries->size(); ++i) {
        const std::string key = "connect[" + std::to_string(i) + "]";
        const std::string_view entry = text_of(key, (*entries)[i]);
        into.connect.push_back(step_of(key, entry));
        into.connect_text.append(entry).push_back('\n');
    }
}

void read_lose(script& into, const json::value& value) {
    const std::string_view text = text_of("lose", value);
    if (text == "stall") {
        into.lose = nullptr;
        return;
    }
    auto why = parse_failure(text);
    if (!why) {
        throw sdk::config_error("lose", std::string("is neither \"stall\" nor ").append(failure_form));
    }
    into.lose = std::make_unique<sdk::failure>(*std::move(why));
}

void read_say(script& into, const json::value& value) {
    auto say = std::make_unique<say_options>();
    for (const auto& [name, member] : table_of("say", value)) {
        const std::string key = std::string("say.").append(name.data(), name.size());
        if (name == "chat") {
            say->chat = text_of(key, member);
        } else if (name == "text") {
            say->text = text_of(key, member);
        } else if (name == "every") {
            say->every = duration_of(key, member);
        } else if (name == "count") {
            say->count = count_of(key, member);
        } else {
            throw sdk::config_error(key, "is unknown; there are chat, text, every and count");
        }
    }
    if (say->chat.empty() || say->text.empty()) {
        throw sdk::config_error("say", "needs chat and text");
    }
    into.say = std::move(say);
}

// FNV-1a: tells scripts apart, nothing more.
std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    }
    return hash;
}

std::uint64_t fingerprint(const say_options& say) {
    return fingerprint(
        std::string(say.chat).append(1, '\n').append(say.text).append(1, '\n').append(std::to_string(say.count)));
}

// "12 34 56" with exactly as many numbers as asked for.
template <std::size_t Count>
std::optional<std::array<std::uint64_t, Count>> read_numbers(std::string_view text) {
    std::array<std::uint64_t, Count> numbers{};
    for (std::uint64_t& number : numbers) {
        const std::string_view word = take_until(text, ' ');
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc{} || end != word.data() + word.size()) {
            return std::nullopt;
        }
    }
    return text.empty() ? std::optional(numbers) : std::nullopt;
}

}  // namespace

script parse_script(std::string_view text) {
    script result;
    result.lose = std::make_unique<sdk::failure>(sdk::failure{.code = "reset"});
    json::error_code error;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
    if (error || !parsed.is_object()) {
        throw sdk::config_error("configuration", "is not a JSON object");
    }
    for (const auto& [name, value] : parsed.get_object()) {
        const std::string_view key(name.data(), name.size());
        if (key == "connect") {
            read_connect(result, value);
        } else if (key == "create") {
            const std::string_view create = text_of(key, value);
            if (create != "ok" && create != "fail") {
                throw sdk::config_error(key, "is neither \"ok\" nor \"fail\"");
            }
            result.create_fails = create == "fail";
        } else if (key == "lose_after") {
            result.lose_after = duration_of(key, value);
        } else if (key == "lose") {
            read_lose(result, value);
        } else if (key == "echo") {
            result.echo = flag_of(key, value);
        } else if (key == "say") {
            read_say(result, value);
        } else {
            throw sdk::config_error(key, "is unknown; there are connect, create, lose_after, lose, echo and say");
        }
    }
    if (result.lose) {
        result.lose->text = "Rehearsed: the connection is lost after lose_after.";
    }
    return result;
}

connect_decision next_connect(const script& of, std::optional<std::string_view> stored) {
    if (of.connect.empty()) {
        return {};
    }
    const std::uint64_t this_script = fingerprint(of.connect_text);
    std::uint64_t taken = 0;
    if (const auto numbers = read_numbers<2>(stored.value_or("")); numbers && (*numbers)[1] == this_script) {
        taken = (*numbers)[0];
    }
    const std::uint64_t last = of.connect.size() - 1;
    if (taken >= last) {
        return {of.connect.back(), std::nullopt};
    }
    return {of.connect[static_cast<std::size_t>(taken)], std::to_string(taken + 1) + " " + std::to_string(this_script)};
}

say_place resume_saying(const say_options& what, std::optional<std::string_view> stored, std::int64_t now_unix_ms) {
    const auto numbers = read_numbers<3>(stored.value_or(""));
    if (numbers && (*numbers)[2] == fingerprint(what)) {
        return {.run = (*numbers)[0], .said = (*numbers)[1]};
    }
    return {.run = static_cast<std::uint64_t>(std::max<std::int64_t>(now_unix_ms, 0)), .said = 0};
}

std::optional<utterance> next_utterance(const say_options& what, const say_place& at, std::int64_t now_unix_ms) {
    if (what.count != 0 && at.said >= what.count) {
        return std::nullopt;
    }
    const std::string number = std::to_string(at.said + 1);
    const std::string run = std::to_string(at.run);
    utterance next;
    next.dedupe_id = "say-" + run + "-" + number;
    next.message = {.id = next.dedupe_id,
                    .chat = what.chat,
                    .text = what.text,
                    .sender = sdk::sender{.id = "somebody", .name = "Somebody"},
                    .time_ms = now_unix_ms};
    next.place = run + " " + number + " " + std::to_string(fingerprint(what));
    return next;
}

std::string delivered_id(sdk::delivery_id delivery) {
    return "message-" + std::to_string(static_cast<std::uint64_t>(delivery));
}

sdk::message echo_of(const sdk::delivery_view& delivery, std::int64_t now_unix_ms) {
    const sdk::message_view& said = delivery.message;
    return {.id = "echo-" + std::to_string(static_cast<std::uint64_t>(delivery.id)),
            .chat = std::string(said.chat),
            .thread = std::string(said.thread),
            .reply_to = said.id.empty() ? delivered_id(delivery.id) : std::string(said.id),
            .text = std::string(said.text),
            .sender = sdk::sender{.id = "echo", .name = "Echo", .bot = true},
            .time_ms = now_unix_ms};
}

}  // namespace gateway::stub
