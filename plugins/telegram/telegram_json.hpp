// Reading the Bot API's JSON without trust: a member of another type is as good as absent. Pure.
#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::telegram {

[[nodiscard]] const boost::json::object* object_in(const boost::json::object& from, std::string_view key);
[[nodiscard]] const boost::json::array* array_in(const boost::json::object& from, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> integer_in(const boost::json::object& from, std::string_view key);
[[nodiscard]] std::optional<double> number_in(const boost::json::object& from, std::string_view key);
[[nodiscard]] bool flag_in(const boost::json::object& from, std::string_view key);

// As it came, which may be no UTF-8.
[[nodiscard]] std::string_view raw_text_in(const boost::json::object& from, std::string_view key);
// At most `max_bytes` of valid UTF-8 without U+0000.
[[nodiscard]] std::string text_in(const boost::json::object& from, std::string_view key, std::size_t max_bytes);

// `seconds` as milliseconds; 0 for what is absent, negative or would not fit.
[[nodiscard]] std::int64_t milliseconds_of(std::optional<std::int64_t> seconds);

// The object as text in UTF-8, whatever its strings are; empty for an empty one and for more than `max_bytes`.
[[nodiscard]] std::string serialized(const boost::json::object& what, std::size_t max_bytes);

}  // namespace gateway::telegram
