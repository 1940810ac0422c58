#include "markdown_source.hpp"

#include "markdown_reader.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace gateway::markdown {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Bytes of a list's or quote's mark at `at`; 0 when there is none. A list's has white space after it.
std::size_t mark_size(std::string_view source, std::size_t at) {
    const char first = source[at];
    if (first == '>') {
        return 1;
    }
    std::size_t end = at;
    while (end < source.size() && end - at < 9 && source[end] >= '0' && source[end] <= '9') {
        ++end;
    }
    const std::string_view ends = end == at ? "-+*" : ".)";
    if (end == source.size() || ends.find(source[end]) == std::string_view::npos) {
        return 0;
    }
    ++end;
    return end == source.size() || is_blank(source[end]) || source[end] == '\n' || source[end] == '\r' ? end - at : 0;
}

bool has_many_marks(std::string_view source, std::size_t line) {
    std::size_t marks = 0;
    for (std::size_t at = line; at < source.size() && marks <= max_marks_of_line;) {
        if (is_blank(source[at])) {
            ++at;
            continue;
        }
        const std::size_t size = mark_size(source, at);
        if (size == 0) {
            break;
        }
        at += size;
        ++marks;
    }
    return marks > max_marks_of_line;
}

// A line of nothing but `-`, `*`, `_` or `=` is a rule or an underline however long it is.
bool is_rule(std::string_view source, std::size_t line) {
    const std::size_t first = source.find_first_not_of(" \t", line);
    if (first == std::string_view::npos || std::string_view("-*").find(source[first]) == std::string_view::npos) {
        return false;
    }
    const std::array<char, 3> allowed{source[first], ' ', '\t'};
    const std::size_t end = source.find_first_not_of({allowed.data(), allowed.size()}, first);
    return end == std::string_view::npos || source[end] == '\n' || source[end] == '\r';
}

// Starts of plain lines; anything else that could be a mark is looked at by md4c.
bool may_start_block(std::string_view source, std::size_t line) {
    const char first = source[line];
    return is_blank(first) || std::string_view("#>-+=.:").find(first) != std::string_view::npos ||
           (first >= '0' && first <= '9' && mark_size(source, line) != 0);
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> names{{
    {"amp", "&"},   {"lt", "<"},     {"gt", ">"},    {"quot", "\""},  {"apos", "'"},  {"nbsp", "\u00a0"},
    {"copy", "©"},  {"reg", "®"},    {"trade", "™"}, {"hellip", "…"}, {"mdash", "—"}, {"ndash", "–"},
    {"lsquo", "‘"}, {"rsquo", "’"},  {"ldquo", "“"}, {"rdquo", "”"},  {"laquo", "«"}, {"raquo", "»"},
    {"bull", "•"},  {"middot", "·"}, {"times", "×"}, {"deg", "°"},    {"euro", "€"},  {"rarr", "→"},
}};

}  // namespace

bool is_costly(std::string_view source) {
    std::size_t lines = 1;
    for (std::size_t line = 0; line < source.size(); line = next_line(source, line)) {
        if (has_many_marks(source, line) && !is_rule(source, line)) {
            return true;
        }
        ++lines;
    }
    std::size_t brackets = 0;
    for (std::size_t at = source.find('['); at != std::string_view::npos; at = source.find('[', at + 1)) {
        brackets += at == 0 || source[at - 1] != '\\' ? 1 : 0;
    }
    return brackets * lines > max_brackets_by_lines;
}

std::size_t next_line(std::string_view source, std::size_t at) {
    const std::size_t end = source.find_first_of("\r\n", at);
    if (end == std::string_view::npos) {
        return source.size();
    }
    return source.substr(end, 2) == "\r\n" ? end + 2 : end + 1;
}

bool is_blank_line(std::string_view source, std::size_t at) {
    const std::size_t first = source.find_first_not_of(" \t>", at);
    return first == std::string_view::npos || source[first] == '\n' || source[first] == '\r';
}

std::optional<std::string> character_of_reference(std::string_view reference) {
    if (reference.size() < 3) {
        return std::nullopt;
    }
    const std::string_view name = reference.substr(1, reference.size() - 2);
    if (name.front() == '#') {
        const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
        if (error != std::errc{} || end != digits.data() + digits.size() || code == 0) {
            code = 0xfffd;
        }
        std::string result;
        utf8::append(code, result);
        return result;
    }
    const auto* known =
        std::find_if(names.begin(), names.end(), [name](const auto& each) { return each.first == name; });
    return known == names.end() ? std::nullopt : std::optional<std::string>(known->second);
}

std::string_view indentation_before(std::string_view source, std::size_t at, std::size_t columns) {
    std::size_t blanks = at;
    while (blanks != 0 && is_blank(source[blanks - 1])) {
        --blanks;
    }
    std::size_t line = blanks;
    while (line != 0 && source[line - 1] != '\n' && source[line - 1] != '\r') {
        --line;
    }
    const auto column_after = [source](std::size_t column, std::size_t index) {
        return column + (source[index] == '\t' ? 4 - column % 4 : 1);
    };
    std::size_t first_column = 0;
    for (std::size_t index = line; index < blanks; ++index) {
        first_column = column_after(first_column, index);
    }
    std::size_t end_column = first_column;
    for (std::size_t index = blanks; index < at; ++index) {
        end_column = column_after(end_column, index);
    }
    std::size_t column = first_column;
    while (blanks < at && column + columns < end_column) {
        column = column_after(column, blanks++);
    }
    return source.substr(blanks, at - blanks);
}

bool is_plain(std::string_view source) {
    static constexpr auto special = [] {
        std::array<bool, 256> table{};
        for (const char c : {'\\', '*', '_', '~', '`', '[', ']', '<', '>', '&', '|', '\r', '\0'}) {
            table[static_cast<unsigned char>(c)] = true;
        }
        for (unsigned c = 1; c < 0x20; ++c) {
            table[c] = c != '\n';
        }
        return table;
    }();
    bool line_start = true;
    for (std::size_t at = 0; at < source.size(); ++at) {
        const char c = source[at];
        if (c == '\n') {
            const bool third = at >= 2 && source[at - 1] == '\n' && source[at - 2] == '\n';
            if (at == 0 || third || source[at - 1] == ' ') {
                return false;
            }
        } else if (special[static_cast<unsigned char>(c)] || (line_start && may_start_block(source, at))) {
            return false;
        }
        line_start = c == '\n';
    }
    return source.empty() || (source.back() != '\n' && source.back() != ' ');
}

}  // namespace gateway::markdown
