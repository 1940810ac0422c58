#include "config/section.hpp"

#include "config/duration.hpp"

#include <algorithm>

namespace gateway::config {
namespace {

constexpr std::string_view duration_kind = "a duration in quotes, such as \"30s\"";

}  // namespace

std::string wrong_type(const node& value, std::string_view right) {
    return std::string{"is "}.append(kind_name(value)).append(", but must be ").append(right);
}

const member* section::take(std::string_view key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        known_.emplace_back(key);
    }
    const auto found = std::find_if(table_.begin(), table_.end(), [&](const member& m) { return m.key == key; });
    return found == table_.end() ? nullptr : &*found;
}

void section::complain(const member& member, std::string text) const {
    problems_.add(member.value.at, key_of(member.key), std::move(text));
}

template <class T>
const T* section::typed(std::string_view key, std::string_view right) {
    const member* found = take(key);
    if (found == nullptr) {
        return nullptr;
    }
    const T* value = found->value.as<T>();
    if (value == nullptr) {
        complain(*found, wrong_type(found->value, right));
    }
    return value;
}

std::optional<std::string> section::text(std::string_view key) {
    const auto* value = typed<std::string>(key, "a text in quotes");
    return value == nullptr ? std::nullopt : std::optional{*value};
}

std::optional<bool> section::truth(std::string_view key) {
    const auto* value = typed<bool>(key, "true or false");
    return value == nullptr ? std::nullopt : std::optional{*value};
}

std::optional<std::int64_t> section::whole(std::string_view key, std::int64_t least, std::int64_t most) {
    const auto* value = typed<std::int64_t>(key, "a whole number");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (*value < least || *value > most) {
        complain(*take(key), "must be from " + std::to_string(least) + " to " + std::to_string(most));
        return std::nullopt;
    }
    return *value;
}

std::optional<double> section::number(std::string_view key) {
    const member* found = take(key);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (const auto* whole = found->value.as<std::int64_t>()) {
        return static_cast<double>(*whole);
    }
    const auto* real = found->value.as<double>();
    if (real == nullptr) {
        complain(*found, wrong_type(found->value, "a number"));
        return std::nullopt;
    }
    return *real;
}

std::optional<std::chrono::milliseconds> section::duration(std::string_view key) {
    const auto* text = typed<std::string>(key, duration_kind);
    if (text == nullptr) {
        return std::nullopt;
    }
    auto parsed = parse_duration(*text);
    if (!parsed) {
        complain(*take(key), parsed.error().text);
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::vector<std::chrono::milliseconds>> section::durations(std::string_view key, std::size_t most) {
    const auto* list = typed<node::list>(key, "a list of durations, such as [\"0s\", \"1s\"]");
    if (list == nullptr) {
        return std::nullopt;
    }
    if (list->size() > most) {
        complain(*take(key), "has " + std::to_string(list->size()) + " entries, but at most " + std::to_string(most) +
                                 " are allowed");
        return std::nullopt;
    }
    std::vector<std::chrono::milliseconds> result;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const node& item = (*list)[i];
        const std::string item_key = key_of(key) + '[' + std::to_string(i) + ']';
        const auto* text = item.as<std::string>();
        if (text == nullptr) {
            problems_.add(item.at, item_key, wrong_type(item, duration_kind));
        } else if (auto parsed = parse_duration(*text); !parsed) {
            problems_.add(item.at, item_key, parsed.error().text);
        } else {
            result.push_back(*parsed);
        }
    }
    return result.size() == list->size() ? std::optional{std::move(result)} : std::nullopt;
}

std::optional<std::size_t> section::word(std::string_view key, std::initializer_list<std::string_view> words) {
    const std::vector<std::string> names{words.begin(), words.end()};
    const auto* text = typed<std::string>(key, list_names(names, "or"));
    if (text == nullptr) {
        return std::nullopt;
    }
    const auto found = std::find(names.begin(), names.end(), *text);
    if (found == names.end()) {
        complain(*take(key), "is '" + *text + "', but must be " + list_names(names, "or"));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - names.begin());
}

const node::table* section::table(std::string_view key) {
    return typed<node::table>(key, "a table, written as [" + key_of(key) + "]");
}

std::vector<const member*> section::rest() const {
    std::vector<const member*> result;
    for (const member& member : table_) {
        if (std::find(known_.begin(), known_.end(), member.key) == known_.end()) {
            result.push_back(&member);
        }
    }
    return result;
}

void section::finish() const {
    for (const member* unknown : rest()) {
        problems_.add(unknown->key_at, key_of(unknown->key), "unknown key" + suggestion(unknown->key, known_));
    }
}

}  // namespace gateway::config
