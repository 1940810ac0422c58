// What the reader asks of the source itself, without md4c. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::markdown {

// md4c would need more than linear time for it.
[[nodiscard]] bool is_costly(std::string_view source);

// Past the line that holds `at`; the size of the source at its end.
[[nodiscard]] std::size_t next_line(std::string_view source, std::size_t at);
// The line that begins at `at` has nothing but white space and quote marks.
[[nodiscard]] bool is_blank_line(std::string_view source, std::size_t at);

// What `&name;`, `&#1;` or `&#x1;` stands for; nothing when that is unknown.
[[nodiscard]] std::optional<std::string> character_of_reference(std::string_view reference);

// The white space of the source before `at`, whose columns md4c gave as so many spaces: tabs instead where there were
// some.
[[nodiscard]] std::string_view indentation_before(std::string_view source, std::size_t at, std::size_t columns);

}  // namespace gateway::markdown
