#include "rich_text.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <queue>
#include <utility>

namespace gateway::markdown {
namespace {

bool same_style(style a, style b) {
    return a == b || (is_quote(a) && is_quote(b));
}

bool needs_url(style what) {
    return what == style::link || what == style::custom_emoji;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; });
}

bool is_boundary(std::string_view text, std::size_t at) {
    return at == text.size() || (at < text.size() && !utf8::continues(text[at]));
}

bool has_good_data(const span& each) {
    if (needs_url(each.what)) {
        return !each.data.empty() && each.data.size() <= max_data_bytes && !has_control(each.data);
    }
    return each.what == style::code_block ? clean_language(each.data) == each.data : each.data.empty();
}

// Makes one span good on its own; false when nothing is left of it.
bool mend(span& each, std::string_view text) {
    each.begin = std::min(each.begin, text.size());
    each.end = std::min(each.end, text.size());
    while (!is_boundary(text, each.begin)) {
        ++each.begin;
    }
    while (!is_boundary(text, each.end)) {
        ++each.end;
    }
    if (each.what == style::code_block) {
        each.data = clean_language(each.data);
    } else if (!needs_url(each.what)) {
        each.data.clear();
    }
    return each.begin < each.end && has_good_data(each);
}

struct waiting {
    span what;
    std::size_t order;
};

// The one to open next is the "greatest": it begins first, reaches farthest, came first.
struct opens_later {
    bool operator()(const waiting& a, const waiting& b) const {
        if (a.what.begin != b.what.begin) {
            return a.what.begin > b.what.begin;
        }
        return a.what.end != b.what.end ? a.what.end < b.what.end : a.order > b.order;
    }
};

}  // namespace

bool is_quote(style what) {
    return what == style::quote || what == style::expandable_quote;
}

bool is_leaf(style what) {
    return what == style::code || what == style::code_block || what == style::custom_emoji;
}

std::string clean_language(std::string_view any) {
    std::string clean;
    for (const char c : any) {
        if (clean.size() < max_language_bytes &&
            (utf8::is_ascii_alnum(c) || std::string_view("+#.-_").find(c) != std::string_view::npos)) {
            clean += c;
        }
    }
    return clean;
}

bool is_valid(const rich_text& what) {
    std::vector<const span*> open;
    const span* before = nullptr;
    for (const span& each : what.spans) {
        if (each.begin >= each.end || each.end > what.text.size() || !is_boundary(what.text, each.begin) ||
            !is_boundary(what.text, each.end) || !has_good_data(each)) {
            return false;
        }
        if (before != nullptr &&
            (each.begin < before->begin || (each.begin == before->begin && each.end > before->end))) {
            return false;
        }
        before = &each;
        while (!open.empty() && open.back()->end <= each.begin) {
            open.pop_back();
        }
        for (const span* outer : open) {  // at most one of each style
            if (outer->end < each.end || is_leaf(outer->what) || same_style(outer->what, each.what)) {
                return false;
            }
        }
        open.push_back(&each);
    }
    return true;
}

rich_text normalized(rich_text what) {
    if (is_valid(what)) {
        return what;
    }
    std::priority_queue<waiting, std::vector<waiting>, opens_later> queue;
    std::size_t order = 0;
    for (span& each : what.spans) {
        if (mend(each, what.text)) {
            queue.push({std::move(each), order++});
        }
    }
    what.spans.clear();
    std::vector<std::size_t> open;  // indices into the result
    while (!queue.empty()) {
        waiting next = queue.top();
        queue.pop();
        while (!open.empty() && what.spans[open.back()].end <= next.what.begin) {
            open.pop_back();
        }
        // What is open and ends first, or excludes the new one, says up to where it may go as it is.
        std::size_t cut = next.what.end;
        bool excluded = false;
        for (const std::size_t index : open) {
            const span& outer = what.spans[index];
            if (is_leaf(outer.what) || same_style(outer.what, next.what.what)) {
                cut = std::min(outer.end, next.what.end);
                excluded = true;
                break;
            }
            cut = std::min(cut, outer.end);
        }
        if (cut < next.what.end) {
            waiting rest = next;
            rest.what.begin = cut;
            queue.push(std::move(rest));
        }
        if (!excluded) {
            next.what.end = cut;
            open.push_back(what.spans.size());
            what.spans.push_back(std::move(next.what));
        }
    }
    return what;
}

}  // namespace gateway::markdown
