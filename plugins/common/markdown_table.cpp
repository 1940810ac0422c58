#include "markdown_table.hpp"

#include "utf8.hpp"

#include <algorithm>

namespace gateway::markdown {
namespace {

std::size_t width_of(const std::string& cell) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < cell.size();) {
        const utf8::character here = utf8::decode(cell, at);
        width += utf8::columns(here.code);
        at += here.bytes;
    }
    return width;
}

std::string filled(const std::string& cell, std::size_t width, alignment where) {
    const std::size_t own = width_of(cell);
    const std::size_t missing = own < width ? width - own : 0;
    const std::size_t left = where == alignment::right ? missing : where == alignment::center ? missing / 2 : 0;
    return std::string(left, ' ').append(cell).append(missing - left, ' ');
}

}  // namespace

std::string drawn(const table& what) {
    std::vector<std::size_t> widths(what.columns.size());
    for (const auto& row : what.rows) {
        for (std::size_t column = 0; column < std::min(row.size(), widths.size()); ++column) {
            widths[column] = std::max(widths[column], std::min(width_of(row[column]), max_filled_columns));
        }
    }
    std::string result;
    const auto end_line = [&result] {
        result.erase(result.find_last_not_of(' ') + 1);
        result += '\n';
    };
    for (std::size_t index = 0; index < what.rows.size(); ++index) {
        for (std::size_t column = 0; column < what.rows[index].size() && column < widths.size(); ++column) {
            result += column == 0 ? "" : " | ";
            result += filled(what.rows[index][column], widths[column], what.columns[column]);
        }
        end_line();
        for (std::size_t column = 0; index == 0 && column < widths.size(); ++column) {
            result += column == 0 ? "" : "-+-";
            result.append(widths[column], '-');
        }
        if (index == 0) {
            end_line();
        }
    }
    return result;
}

}  // namespace gateway::markdown
