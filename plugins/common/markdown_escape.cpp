#include "markdown_escape.hpp"

#include "utf8.hpp"

#include <algorithm>

namespace gateway::markdown {
namespace {

constexpr std::size_t max_plain_brackets = 500;
constexpr std::size_t max_reference_bytes = 50;

bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

bool is_tag_start(char c) {
    return (utf8::is_ascii_alnum(c) && (c < '0' || c > '9')) || c == '/' || c == '!' || c == '?';
}

// md4c takes `<`, any character, a word and a colon for an address, if only a `>` follows.
bool may_be_address(std::string_view text, std::size_t at) {
    constexpr std::size_t longest = 80;
    const std::size_t from = std::min(at + 2, text.size());
    const std::string_view word = text.substr(from, longest);
    const std::size_t end = word.find_first_of(" \n<>:@");
    const char first = at + 1 < text.size() ? text[at + 1] : ' ';
    const bool stops = end == std::string_view::npos ? word.size() < longest : word[end] != ':' && word[end] != '@';
    return !stops || first == ':' || first == '@';
}

bool has(const rich_text& in, style what) {
    return std::any_of(in.spans.begin(), in.spans.end(), [what](const span& each) { return each.what == what; });
}

std::size_t rows_of(std::string_view text, char c, std::size_t least) {
    std::size_t rows = 0;
    for (std::size_t at = text.find(c); at != std::string_view::npos; at = text.find(c, at)) {
        const std::size_t end = std::min(text.find_first_not_of(c, at), text.size());
        rows += end - at >= least ? 1 : 0;
        at = end;
    }
    return rows;
}

}  // namespace

escaper::escaper(const rich_text& in)
    : text_(in.text),
      single_star_(!has(in, style::bold) && rows_of(in.text, '*', 1) <= 1),
      single_underscore_(!has(in, style::italic) && rows_of(in.text, '_', 1) <= 1),
      single_tilde_(!has(in, style::strike) && rows_of(in.text, '~', 1) <= 1),
      // An escape does not hide a backtick from one before it, also in a link's target.
      single_backtick_(in.spans.empty() && rows_of(in.text, '`', 1) <= 1),
      single_bars_(!has(in, style::spoiler) && !has(in, style::quote) && !has(in, style::expandable_quote) &&
                   rows_of(in.text, '|', 2) <= 1),
      last_angle_(in.spans.empty() ? in.text.rfind('>') + 1 : in.text.size()),
      many_brackets_(static_cast<std::size_t>(std::count(in.text.begin(), in.text.end(), '[')) > max_plain_brackets) {}

void escaper::reference(unsigned char c, std::string& ret_out) {
    ret_out += "&#" + std::to_string(c) + ";";
}

bool escaper::is_reference(std::string_view text, std::size_t at) {
    const std::string_view after = text.substr(at + 1, max_reference_bytes);
    const auto* end =
        std::find_if(after.begin(), after.end(), [](char c) { return !utf8::is_ascii_alnum(c) && c != '#'; });
    return end != after.begin() && end != after.end() && *end == ';';
}

std::size_t escaper::write(const position& where, std::string& ret_out) const {
    const char c = text_[where.at];
    if (c == ' ' || c == '\t') {
        const bool last = where.at + 1 >= where.end || text_[where.at + 1] == '\n';
        if (where.line_start || last) {
            reference(static_cast<unsigned char>(c), ret_out);
        } else {
            ret_out += c;
        }
        return 1;
    }
    if (static_cast<unsigned char>(c) < 0x20U) {
        reference(static_cast<unsigned char>(c), ret_out);
        return 1;
    }
    if (where.line_start && c >= '0' && c <= '9') {
        return ordered_mark(where, ret_out);
    }
    if (c == '*' || c == '_' || c == '~' || c == '`' || c == '|') {
        return row(where, ret_out);
    }
    if (utf8::is_ascii_punct(c) && needs_backslash(where)) {
        ret_out += '\\';
    }
    ret_out += c;
    return 1;
}

// The rest of the line has nothing else, so that it would be a rule, an underline, or the second line of a table.
bool escaper::is_alone_on_line(const position& where, std::string_view characters) const {
    const std::size_t found = text_.find_first_not_of(characters, where.at);
    return found >= where.end || text_[found] == '\n';
}

bool escaper::starts_block(const position& where) const {
    const char c = text_[where.at];
    const bool white_after = where.at + 1 >= where.end || is_white(text_[where.at + 1]);
    switch (c) {
        case '>':
            return true;
        case '+':
            return white_after;
        case '-':
            return white_after || is_alone_on_line(where, "-|: \t");
        case '*':
            return white_after || is_alone_on_line(where, "* \t");
        case '_':
            return is_alone_on_line(where, "_ \t");
        case '=':
            return is_alone_on_line(where, "= \t");
        case '|':
        case ':':
            return is_alone_on_line(where, "-|: \t");
        case '#': {
            const std::size_t end = std::min(text_.find_first_not_of('#', where.at), where.end);
            return end - where.at <= 6 && (end == where.end || is_white(text_[end]) || end >= where.to);
        }
        case '`':
        case '~':
            return text_.substr(where.at, 3).find_first_not_of(c) == std::string_view::npos;
        default:
            return false;
    }
}

// `1. ` and `1) ` begin lists.
std::size_t escaper::ordered_mark(const position& where, std::string& ret_out) const {
    const std::size_t limit = std::min(where.to, where.end);
    std::size_t end = where.at;
    while (end < limit && text_[end] >= '0' && text_[end] <= '9') {
        ++end;
    }
    ret_out += text_.substr(where.at, end - where.at);
    const bool marks = end < limit && (text_[end] == '.' || text_[end] == ')');
    const bool white_after = end + 1 >= where.end || is_white(text_[std::min(end + 1, text_.size() - 1)]);
    if (!marks || !white_after) {
        return end - where.at;
    }
    ret_out += '\\';
    ret_out += text_[end];
    return end + 1 - where.at;
}

// A row of the characters that styles are written with.
std::size_t escaper::row(const position& where, std::string& ret_out) const {
    const char c = text_[where.at];
    const std::size_t limit = std::min(where.to, where.end);
    const std::size_t end = std::min(text_.find_first_not_of(c, where.at), limit);
    const std::size_t size = end - where.at;
    // What stands beside it, when that is text of the same line and no style begins or ends there.
    const bool inner = where.at > where.from && end < limit && !where.line_start;
    const char before = inner ? text_[where.at - 1] : '\0';
    const char after = inner ? text_[end] : '\0';
    // Spaces that are written as such, not as references.
    const bool spaced = inner && (ret_out.ends_with(' ') || ret_out.ends_with('\t')) &&
                        (after == ' ' || after == '\t') && end + 1 < where.end && text_[end + 1] != '\n';
    // A row that styles cut in two is two rows.
    const bool whole = (where.at == 0 || text_[where.at - 1] != c) && (end == text_.size() || text_[end] != c);
    bool plain = false;
    switch (c) {
        case '*':
            plain = (whole && single_star_) || spaced;
            break;
        case '_':
            plain = (whole && single_underscore_) || spaced ||
                    (inner && utf8::is_ascii_alnum(before) && utf8::is_ascii_alnum(after));
            break;
        case '~':
            plain = (whole && single_tilde_) || spaced;
            break;
        case '`':
            plain = (whole && single_backtick_);
            break;
        default:
            plain = (whole && single_bars_) || (size != 2 && where.at > where.from && end < limit);
            break;
    }
    if (plain && !(where.line_start && starts_block(where))) {
        ret_out.append(size, c);
        return size;
    }
    for (std::size_t count = 0; count < size; ++count) {
        ret_out += '\\';
        ret_out += c;
    }
    return size;
}

bool escaper::needs_backslash(const position& where) const {
    if (where.line_start && starts_block(where)) {
        return true;
    }
    const bool style_after = where.at + 1 >= std::min(where.to, where.end);
    const char after = style_after ? '\0' : text_[where.at + 1];
    switch (text_[where.at]) {
        case '\\':
            return style_after || (!utf8::is_ascii_alnum(after) && static_cast<unsigned char>(after) < 0x80U);
        case '[':
            return where.in_brackets || many_brackets_;
        case ']':
            return where.in_brackets || style_after || after == '(' || after == '[' || after == ':';
        case '!':
            return style_after;
        case '<':
            return is_tag_start(after) || (where.at < last_angle_ && may_be_address(text_, where.at));
        case '&':
            return is_reference(text_, where.at);
        default:
            return false;
    }
}

}  // namespace gateway::markdown
