#include "telegram_json.hpp"

#include "telegram_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <limits>

namespace gateway::telegram {

namespace json = boost::json;

const json::object* object_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value == nullptr ? nullptr : value->if_array();
}

std::optional<std::int64_t> integer_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<double> number_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

bool flag_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string_view raw_text_in(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const json::string* found = value == nullptr ? nullptr : value->if_string();
    return found == nullptr ? std::string_view{} : std::string_view(found->data(), found->size());
}

std::string text_in(const json::object& from, std::string_view key, std::size_t max_bytes) {
    const std::string_view raw = raw_text_in(from, key);
    // A mended character takes up to three bytes of what was one.
    return clean_utf8(utf8::mended(raw.substr(0, max_bytes)), max_bytes);
}

std::int64_t milliseconds_of(std::optional<std::int64_t> seconds) {
    constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max() / 1'000;
    return std::clamp<std::int64_t>(seconds.value_or(0), 0, latest) * 1'000;
}

std::string serialized(const json::object& what, std::size_t max_bytes) {
    if (what.empty()) {
        return {};
    }
    std::string text = utf8::mended(json::serialize(what));  // what is no UTF-8 stands inside strings
    return text.size() <= max_bytes ? text : std::string{};
}

}  // namespace gateway::telegram
