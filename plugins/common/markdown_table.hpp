// A table as text in columns. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::markdown {

enum class alignment : std::uint8_t { left, center, right };

struct table {
    std::vector<alignment> columns{};
    std::vector<std::vector<std::string>> rows{};  // the first one is the head
};

// Rows of cells between bars, a rule below the head; cells are one line each. Columns are filled up to their widest
// cell, if that is at most `max_filled_columns` wide.
inline constexpr std::size_t max_filled_columns = 40;
[[nodiscard]] std::string drawn(const table& what);

}  // namespace gateway::markdown
