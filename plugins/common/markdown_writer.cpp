#include "markdown_writer.hpp"

#include "markdown_escape.hpp"
#include "markdown_layout.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace gateway::markdown {
namespace {

struct notation {
    std::string_view delimiter;  // empty: only tags
    std::string_view opening;
    std::string_view closing;
};

// Of styles with a short form and of those that only have tags; links and emoji have neither.
notation notation_of(style what) {
    switch (what) {
        case style::bold:
            return {"**", "<b>", "</b>"};
        case style::italic:
            return {"_", "<i>", "</i>"};
        case style::underline:
            return {"", "<u>", "</u>"};
        case style::strike:
            return {"~~", "<s>", "</s>"};
        case style::spoiler:
            return {"||", "<spoiler>", "</spoiler>"};
        case style::quote:
            return {"", "<blockquote>", "</blockquote>"};
        case style::expandable_quote:
            return {"", "<blockquote expandable>", "</blockquote>"};
        case style::code:
            return {"", "<code>", "</code>"};
        case style::code_block:
            return {"", "<pre>", "</pre>"};
        case style::link:
        case style::custom_emoji:
            break;
    }
    return {};
}

// Letters for certain, in every table of Unicode: beside them a delimiter works even inside a word.
bool is_letter(char32_t code) {
    return (code < 0x80 && utf8::is_ascii_alnum(static_cast<char>(code))) || (code >= 0xc0 && code <= 0x24f) ||
           (code >= 0x388 && code <= 0x481) || (code >= 0x48a && code <= 0x52f) || (code >= 0x3041 && code <= 0x3096) ||
           (code >= 0x30a1 && code <= 0x30fa) || (code >= 0x4e00 && code <= 0x9fff) ||
           (code >= 0xac00 && code <= 0xd7a3);
}

// md4c pairs markers outside a link with markers in its target, so that those are escaped as in text; and between the
// `<` of one target and the `>` of another it may see a tag, so that no target is written in these.
std::string target_of(std::string_view url) {
    const auto is_inner = [url](std::size_t at) {
        return at != 0 && at + 1 < url.size() && utf8::is_ascii_alnum(url[at - 1]) && utf8::is_ascii_alnum(url[at + 1]);
    };
    std::string result;
    for (std::size_t at = 0; at < url.size(); ++at) {
        const char c = url[at];
        if (c == ' ') {
            escaper::reference(' ', result);
            continue;
        }
        if (std::string_view("\\*~`[]()!|<>").find(c) != std::string_view::npos || (c == '_' && !is_inner(at)) ||
            (c == '&' && escaper::is_reference(url, at))) {
            result += '\\';
        }
        result += c;
    }
    return result;
}

class writer {
public:
    explicit writer(const rich_text& in) : in_(in), places_(laid_out(in)), escape_(in) {}

    std::string run() {
        out_.reserve(in_.text.size() + in_.text.size() / 8 + 16 * in_.spans.size());
        container(0, in_.text.size(), place::none);
        return std::move(out_);
    }

private:
    struct opened {
        std::size_t index = 0;
        std::string closing{};
    };

    void container(std::size_t begin, std::size_t end, std::size_t parent);
    void stretch(std::size_t begin, std::size_t end, std::size_t previous, std::size_t next);
    void block(std::size_t index);
    void inline_text(std::size_t begin, std::size_t end);
    void newlines(std::size_t at, std::size_t end, std::size_t& ret_next);

    void open(std::size_t index, std::size_t end);
    [[nodiscard]] bool can_delimit(std::size_t index, char delimiter, std::size_t end) const;
    [[nodiscard]] std::string code_delimiter(const span& each) const;

    void put(std::string_view text);
    void new_line();
    void gap(std::size_t newlines, std::size_t previous);
    void newline_references(std::size_t count);

    [[nodiscard]] std::string_view text_of(const span& each) const {
        return std::string_view(in_.text).substr(each.begin, each.end - each.begin);
    }

    const rich_text& in_;
    std::vector<place> places_;
    escaper escape_;
    std::string out_;
    std::string_view prefix_;   // of each line
    bool line_start_ = true;    // nothing is on this line yet, not even the prefix
    std::size_t next_ = 0;      // the next span to open
    std::vector<opened> open_;  // inline ones
    std::size_t brackets_ = 0;  // of them, links and emoji
    std::size_t boundary_ = 0;  // the last place where one of them began or ended
};

// Lines

void writer::put(std::string_view text) {
    if (line_start_) {
        out_ += prefix_;
        line_start_ = false;
    }
    out_ += text;
}

void writer::new_line() {
    if (line_start_ && !prefix_.empty()) {
        out_ += '>';
    }
    out_ += '\n';
    line_start_ = true;
}

void writer::newline_references(std::size_t count) {
    for (; count != 0; --count) {
        put("&#10;");
    }
}

// So many newlines of the text, one or two, between a block and what is beside it.
void writer::gap(std::size_t newlines, std::size_t previous) {
    const bool after_quote = previous != place::none && in_.spans[previous].what == style::quote;
    for (std::size_t count = newlines + (after_quote ? 1 : 0); count != 0; --count) {
        new_line();
    }
}

// Blocks

void writer::container(std::size_t begin, std::size_t end, std::size_t parent) {
    std::size_t at = begin;
    std::size_t previous = place::none;
    std::size_t child = next_;
    const bool any = child < in_.spans.size() && places_[child].parent == parent && in_.spans[child].begin < end;
    for (child = any ? child : place::none; child != place::none; child = places_[child].next) {
        if (places_[child].block) {
            stretch(at, in_.spans[child].begin, previous, child);
            block(child);
            at = in_.spans[child].end;
            previous = child;
        }
    }
    stretch(at, end, previous, place::none);
}

// What is between two blocks, or between a block and an end; its first and last newlines separate it from the blocks.
void writer::stretch(std::size_t begin, std::size_t end, std::size_t previous, std::size_t next) {
    if (begin == end) {
        return;
    }
    // Newlines inside a style separate nothing.
    const bool styled = next_ < in_.spans.size() && in_.spans[next_].begin < end;
    const std::size_t leading_limit = styled ? in_.spans[next_].begin : end;
    std::size_t first = begin;
    while (first < leading_limit && in_.text[first] == '\n') {
        ++first;
    }
    if (first == end) {
        const std::size_t count = end - begin;
        if (previous != place::none && next != place::none && count <= 2) {
            gap(count, previous);
            return;
        }
        const std::size_t separating = (previous != place::none ? 1U : 0U) + (next != place::none ? 1U : 0U);
        if (previous != place::none) {
            gap(1, previous);
        }
        newline_references(count - separating);
        if (next != place::none) {
            gap(1, place::none);
        }
        return;
    }
    std::size_t last_style_end = first;
    for (std::size_t index = styled ? next_ : place::none;
         index != place::none && in_.spans[index].begin < end && !places_[index].block; index = places_[index].next) {
        last_style_end = in_.spans[index].end;
    }
    std::size_t last = end;
    while (last > last_style_end && in_.text[last - 1] == '\n') {
        --last;
    }
    std::size_t leading = first - begin;
    if (previous != place::none && leading != 0) {
        gap(std::min<std::size_t>(leading, 2), previous);
        leading -= std::min<std::size_t>(leading, 2);
    }
    newline_references(leading);
    inline_text(first, last);
    const std::size_t trailing = end - last;
    const std::size_t separating = next != place::none ? std::min<std::size_t>(trailing, 2) : 0;
    newline_references(trailing - separating);
    if (separating != 0) {
        gap(separating, place::none);
    }
}

void writer::block(std::size_t index) {
    const span& each = in_.spans[index];
    next_ = index + 1;
    if (each.what == style::code_block) {
        const std::string_view code = text_of(each);
        const std::string fence(std::max<std::size_t>(longest_backticks(code) + 1, 3), '`');
        put(fence + each.data);
        for (std::size_t at = 0;;) {
            new_line();
            const std::size_t end = std::min(code.find('\n', at), code.size());
            if (end != at) {
                put(code.substr(at, end - at));
            }
            if (end == code.size()) {
                break;
            }
            at = end + 1;
        }
        new_line();
        put(fence);
    } else if (each.what == style::quote) {
        prefix_ = "> ";
        container(each.begin, each.end, index);
        prefix_ = "";
    } else {
        put(notation_of(each.what).opening);
        new_line();
        container(each.begin, each.end, index);
        new_line();
        put(notation_of(each.what).closing);
    }
    boundary_ = each.end;
}

// Text and what is inside lines

void writer::inline_text(std::size_t begin, std::size_t end) {
    boundary_ = begin;
    for (std::size_t at = begin;;) {
        while (!open_.empty() && in_.spans[open_.back().index].end == at) {
            const style what = in_.spans[open_.back().index].what;
            brackets_ -= what == style::link || what == style::custom_emoji ? 1 : 0;
            put(open_.back().closing);
            open_.pop_back();
            boundary_ = at;
        }
        if (at == end) {
            return;
        }
        while (next_ < in_.spans.size() && in_.spans[next_].begin == at) {
            open(next_++, end);
            boundary_ = at;
            if (!open_.empty() && open_.back().closing.starts_with('`')) {
                at = in_.spans[open_.back().index].end;  // its text is written already
                break;
            }
        }
        if (at == end || (!open_.empty() && in_.spans[open_.back().index].end == at)) {
            continue;
        }
        if (in_.text[at] == '\n') {
            newlines(at, end, at);
            continue;
        }
        std::size_t to = open_.empty() ? end : in_.spans[open_.back().index].end;
        to = next_ < in_.spans.size() ? std::min(to, in_.spans[next_].begin) : to;
        const escaper::position where{.at = at,
                                      .end = end,
                                      .from = boundary_,
                                      .to = to,
                                      .line_start = line_start_,
                                      .in_brackets = brackets_ != 0};
        put("");
        at += escape_.write(where, out_);
    }
}

// A row of newlines outside every style ends a paragraph; others stay in theirs, where no line may be blank.
void writer::newlines(std::size_t at, std::size_t end, std::size_t& ret_next) {
    const std::size_t limit = next_ < in_.spans.size() ? std::min(end, in_.spans[next_].begin) : end;
    const std::size_t row_end = std::min(in_.text.find_first_not_of('\n', at), limit);
    if (open_.empty() && !line_start_ && row_end - at >= 2) {
        new_line();
        new_line();
        newline_references(row_end - at - 2);
        ret_next = row_end;
        return;
    }
    const bool quote_edge = !open_.empty() && is_quote(in_.spans[open_.back().index].what) &&
                            (boundary_ == at || in_.spans[open_.back().index].end == at + 1);
    if (line_start_ || quote_edge) {
        put("&#10;");
    } else {
        new_line();
    }
    ret_next = at + 1;
}

void writer::open(std::size_t index, std::size_t end) {
    const span& each = in_.spans[index];
    const notation how = notation_of(each.what);
    if (each.what == style::link || each.what == style::custom_emoji) {
        put(each.what == style::link ? "[" : "![");
        open_.push_back({index, "](" + target_of(each.data) + ")"});
        ++brackets_;
        return;
    }
    if (each.what == style::code) {
        const std::string delimiter = code_delimiter(each);
        if (!delimiter.empty()) {
            put(delimiter);
            put(text_of(each));
            open_.push_back({index, delimiter});
            return;
        }
    }
    if (!how.delimiter.empty() && can_delimit(index, how.delimiter.front(), end)) {
        put(how.delimiter);
        open_.push_back({index, std::string(how.delimiter)});
        return;
    }
    if (each.what == style::code_block && !each.data.empty()) {
        put("<pre language=\"" + each.data + "\">");
    } else {
        put(how.opening);
    }
    open_.push_back({index, std::string(how.closing)});
}

// CommonMark's rules for what opens and closes, on the safe side.
bool writer::can_delimit(std::size_t index, char delimiter, std::size_t end) const {
    const span& each = in_.spans[index];
    const place& where = places_[index];
    if (!line_start_ && out_.back() == delimiter) {
        return false;
    }
    if (delimiter == '|') {
        return true;
    }
    const char32_t first = utf8::decode(in_.text, each.begin).code;
    const char32_t last = utf8::decode(in_.text, utf8::before(in_.text, each.end)).code;
    if (utf8::is_space(first) || utf8::is_space(last)) {
        return false;
    }
    const auto parts = [](char c) { return static_cast<unsigned char>(c) <= ' ' || utf8::is_ascii_punct(c); };
    const bool free_before = line_start_ || parts(out_.back());
    const bool style_after = (where.next != place::none && in_.spans[where.next].begin == each.end) ||
                             (where.parent != place::none && in_.spans[where.parent].end == each.end);
    const bool free_after = each.end >= end || style_after || parts(in_.text[each.end]);
    if (free_before && free_after) {
        return true;
    }
    return delimiter != '_' && is_letter(first) && is_letter(last) && !where.child_at_begin && !where.child_at_end;
}

// Backticks around code; empty when it takes tags.
std::string writer::code_delimiter(const span& each) const {
    constexpr std::size_t longest = 8;
    const std::string_view code = text_of(each);
    const auto is_edge = [](char c) { return c == ' ' || c == '`' || c == '\t'; };
    const bool control =
        std::any_of(code.begin(), code.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; });
    const std::size_t inside = longest_backticks(code);
    const bool fence = line_start_ && inside >= 2;
    // md4c looks for definitions of links (`[a]: b`) before it looks for code.
    const bool definition = code.find("]:") != std::string_view::npos;
    if (control || fence || definition || inside > longest || is_edge(code.front()) || is_edge(code.back()) ||
        (!line_start_ && out_.back() == '`')) {
        return {};
    }
    return std::string(inside + 1, '`');
}

}  // namespace

std::string write(const rich_text& valid) {
    return writer(valid).run();
}

}  // namespace gateway::markdown
