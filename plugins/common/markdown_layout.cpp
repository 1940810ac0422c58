#include "markdown_layout.hpp"

#include <algorithm>

namespace gateway::markdown {
namespace {

// A line of white space only, with a tab in it: md4c tells only how wide it is.
bool has_blank_tabs(std::string_view code) {
    bool blank = true;
    bool tab = false;
    for (const char c : code) {
        if (c == '\n') {
            if (blank && tab) {
                return true;
            }
            blank = true;
            tab = false;
            continue;
        }
        tab |= c == '\t';
        blank &= c == ' ' || c == '\t';
    }
    return blank && tab;
}

// A fence can hold it as it is.
bool fits_fence(std::string_view code) {
    const bool control = std::any_of(code.begin(), code.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\t';
    });
    return !control && !has_blank_tabs(code) && longest_backticks(code) <= max_fence_in_code;
}

bool is_block(const rich_text& in, const std::vector<place>& places, std::size_t index) {
    const span& each = in.spans[index];
    const place& where = places[index];
    const bool inside = where.parent != place::none;
    if (inside && !(places[where.parent].block && is_quote(in.spans[where.parent].what))) {
        return false;
    }
    const std::size_t first = inside ? in.spans[where.parent].begin : 0;
    const std::size_t last = inside ? in.spans[where.parent].end : in.text.size();
    // A newline at the very beginning or end could not be told from one that only separates.
    const bool begins = each.begin == first || (each.begin > first + 1 && in.text[each.begin - 1] == '\n');
    const bool ends = each.end == last || (each.end + 1 < last && in.text[each.end] == '\n');
    const bool free_before = where.previous == place::none || in.spans[where.previous].end < each.begin;
    const bool free_after = where.next == place::none || in.spans[where.next].begin > each.end;
    if (!begins || !ends || !free_before || !free_after) {
        return false;
    }
    if (each.what == style::code_block) {
        return fits_fence(std::string_view(in.text).substr(each.begin, each.end - each.begin));
    }
    return is_quote(each.what) && in.text[each.begin] != '\n' && in.text[each.end - 1] != '\n';
}

}  // namespace

std::vector<place> laid_out(const rich_text& valid) {
    std::vector<place> places(valid.spans.size());
    std::vector<std::size_t> open;
    std::size_t last_outside = place::none;
    std::vector<std::size_t> last_inside(valid.spans.size(), place::none);
    for (std::size_t index = 0; index < valid.spans.size(); ++index) {
        const span& each = valid.spans[index];
        while (!open.empty() && valid.spans[open.back()].end <= each.begin) {
            open.pop_back();
        }
        place& where = places[index];
        std::size_t& last = open.empty() ? last_outside : last_inside[open.back()];
        if (!open.empty()) {
            where.parent = open.back();
            place& parent = places[where.parent];
            parent.child_at_begin |= valid.spans[where.parent].begin == each.begin;
            parent.child_at_end |= valid.spans[where.parent].end == each.end;
        }
        where.previous = last;
        if (last != place::none) {
            places[last].next = index;
        }
        last = index;
        open.push_back(index);
    }
    for (std::size_t index = 0; index < places.size(); ++index) {
        places[index].block = is_block(valid, places, index);
    }
    return places;
}

std::size_t longest_backticks(std::string_view text) {
    std::size_t longest = 0;
    std::size_t row = 0;
    for (const char c : text) {
        row = c == '`' ? row + 1 : 0;
        longest = std::max(longest, row);
    }
    return longest;
}

}  // namespace gateway::markdown
