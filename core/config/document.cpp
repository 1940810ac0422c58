#include "config/document.hpp"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#define TOML_MAX_NESTED_VALUES 32
#include "log/utf8.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

namespace gateway::config {
namespace {

static_assert(TOML_MAX_NESTED_VALUES == max_nested_values);

position at(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

template <class T>
std::string written(const T& time) {
    std::ostringstream text;
    text << time;
    return std::move(text).str();
}

// The recursion is bounded by max_nested_values tables in lists in tables, each reached by at most max_key_parts keys.
node convert(const toml::node& from) {
    node to;
    to.at = at(from.source());
    if (const auto* table = from.as_table()) {
        node::table members;
        members.reserve(table->size());
        for (const auto& [key, value] : *table) {
            members.push_back({std::string{key.str()}, at(key.source()), convert(value)});
        }
        to.data = std::move(members);
    } else if (const auto* list = from.as_array()) {
        node::list items;
        items.reserve(list->size());
        for (const auto& item : *list) {
            items.push_back(convert(item));
        }
        to.data = std::move(items);
    } else if (const auto* text = from.as_string()) {
        to.data = text->get();
    } else if (const auto* whole = from.as_integer()) {
        to.data = whole->get();
    } else if (const auto* real = from.as_floating_point()) {
        to.data = real->get();
    } else if (const auto* truth = from.as_boolean()) {
        to.data = truth->get();
    } else if (const auto* date = from.as_date()) {
        to.data = toml_time{written(date->get())};
    } else if (const auto* time = from.as_time()) {
        to.data = toml_time{written(time->get())};
    } else if (const auto* both = from.as_date_time()) {
        to.data = toml_time{written(both->get())};
    }
    return to;
}

position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::string_view line = before.substr(line_start);
    const auto characters = std::count_if(line.begin(), line.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return {static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
            static_cast<std::uint32_t>(characters + 1)};
}

// The end of the string that starts at `start`, or of the text.
std::size_t string_end(std::string_view text, std::size_t start) {
    const char quote = text[start];
    const bool multi_line = text.substr(start, 3) == std::string(3, quote);
    const std::string closing(multi_line ? 3 : 1, quote);
    for (std::size_t i = start + closing.size(); i < text.size(); ++i) {
        if (text[i] == '\\' && quote == '"') {
            ++i;
        } else if (text.substr(i, closing.size()) == closing) {
            return i + closing.size();
        } else if (text[i] == '\n' && !multi_line) {
            return i;
        }
    }
    return text.size();
}

// toml++ bounds nested values, but not the parts of a dotted key, each of which is a table in the last one; a file of
// dots would exhaust the stack when the tables are freed. The offset of the first key with too many parts.
std::optional<std::size_t> key_with_too_many_parts(std::string_view text) {
    std::size_t parts = 1;
    std::size_t key_start = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            i = string_end(text, i);
            continue;
        }
        if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
            continue;
        }
        if (c == '.') {
            if (++parts > max_key_parts) {
                return key_start;
            }
        } else if (c == '=' || c == '\n' || c == ',' || c == '[' || c == '{') {
            parts = 1;
            key_start = i + 1;
        }
        ++i;
    }
    return std::nullopt;
}

// Texts in single quotes within a parser's message, which come from the file: a key when something is defined twice,
// otherwise maybe the beginning of a secret that lacks its quotes.
std::string quoted_part(std::string_view description) {
    const auto start = description.find('\'');
    const auto end = description.rfind('\'');
    return start == end ? std::string{} : std::string{description.substr(start + 1, end - start - 1)};
}

std::string without_quoted_parts(std::string_view description) {
    constexpr std::size_t longest_shown = 5;  // one character, "true", "false"
    std::string out;
    for (;;) {
        const auto start = description.find('\'');
        const auto end = start == std::string_view::npos ? start : description.find('\'', start + 1);
        if (end == std::string_view::npos) {
            return out.append(description.substr(0, start));
        }
        const std::string_view quoted = description.substr(start + 1, end - start - 1);
        out.append(description.substr(0, start)).append("'");
        out.append(quoted.size() > longest_shown ? "…" : quoted).append("'");
        description.remove_prefix(end + 1);
    }
}

void complain(const toml::parse_error& error, complaints& problems) {
    std::string_view description = error.description();
    if (description.find("cannot redefine existing") != std::string_view::npos ||
        description.find("cannot insert") != std::string_view::npos) {
        problems.add(at(error.source()), quoted_part(description),
                     "is defined twice; keep one of them, since a name may stand only once in its table");
        return;
    }
    if (description.find("maximum nested value depth") != std::string_view::npos) {
        problems.add(at(error.source()), "",
                     "values are nested more than " + std::to_string(max_nested_values) + " deep");
        return;
    }
    constexpr std::string_view lead = "Error while parsing ";
    if (description.starts_with(lead)) {
        description.remove_prefix(lead.size());
    }
    const std::size_t colon = description.find(": ");
    const std::string_view scope = description.substr(0, colon == std::string_view::npos ? 0 : colon);
    std::string text = "is not valid TOML";
    if (!scope.empty()) {
        text.append(" (").append(scope).append(")");
        description.remove_prefix(colon + 2);
    }
    text += ": ";
    text += without_quoted_parts(description);
    const bool in_string = scope == "string" || scope == "literal string";
    const bool in_key = scope == "key" || scope == "table header" || scope == "comment";
    if (in_string) {
        text += "; a text ends with the quote it began with, on the same line";
    } else if (!in_key) {
        text += "; texts, names and durations stand in quotes";
    }
    problems.add(at(error.source()), "", std::move(text));
}

}  // namespace

std::string_view kind_name(const node& value) {
    constexpr std::string_view names[] = {
        "true or false", "a whole number", "a number with a fraction", "a text", "a date or time", "a list", "a table"};
    static_assert(std::size(names) == std::variant_size_v<decltype(node::data)>);
    return names[value.data.index()];
}

std::optional<node> parse_document(std::string_view text, complaints& problems) {
    if (const std::size_t bad = log::invalid_utf8_at(text); bad != std::string_view::npos) {
        problems.add(position_of(text, bad), "", "is not UTF-8 here; save the file as UTF-8");
        return std::nullopt;
    }
    if (const auto bad = key_with_too_many_parts(text)) {
        problems.add(position_of(text, *bad), "",
                     "a key has more than " + std::to_string(max_key_parts) + " parts; a dot in a name needs quotes");
        return std::nullopt;
    }
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        complain(parsed.error(), problems);
        return std::nullopt;
    }
    return convert(parsed.table());
}

}  // namespace gateway::config
