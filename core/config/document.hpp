// A TOML file as a tree of values with their places. Keeps toml++, which takes seconds to compile, in document.cpp.
//
// Pure. Errors are complaints; a text that is not TOML has exactly one, since the parser stops there.
#pragma once

#include "config/complaint.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gateway::config {

inline constexpr std::size_t max_key_parts = 32;
inline constexpr std::size_t max_nested_values = 32;

struct member;

// A date, a time or both, in TOML's own words.
struct toml_time {
    std::string text;
};

struct node {
    using list = std::vector<node>;
    using table = std::vector<member>;  // ordered by key, so that equal tables compare equal whatever their order

    position at;
    std::variant<bool, std::int64_t, double, std::string, toml_time, list, table> data;

    template <class T>
    [[nodiscard]] const T* as() const {
        return std::get_if<T>(&data);
    }
};

struct member {
    std::string key;
    position key_at;
    node value;
};

// "a text", "a whole number", "a table" …
std::string_view kind_name(const node& value);

// The root table, or nothing and a complaint.
std::optional<node> parse_document(std::string_view text, complaints& problems);

}  // namespace gateway::config
