#include "markdown_builder.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gateway::markdown {

bool builder::is_quote_key(std::size_t key) {
    return key != bars && is_quote(static_cast<style>(key));
}

void builder::add(std::string_view text) {
    text_ += text;
    after_quote_tag_ = after_quote_tag_ && text.empty();
}

void builder::add_breaks(std::size_t count) {
    if (after_quote_tag_) {
        markers_.back().size += count;
    } else if (breaks_end_ != text_.size() || breaks_begin_ == breaks_end_) {
        breaks_begin_ = text_.size();
    }
    text_.append(count, '\n');
    breaks_end_ = text_.size();
    if (after_quote_tag_) {
        breaks_begin_ = breaks_end_;
    }
}

std::size_t builder::open(style what, std::string data) {
    after_quote_tag_ = false;
    slots_.push_back({.what = what, .begin = text_.size(), .data = std::move(data)});
    return slots_.size() - 1;
}

void builder::close(std::size_t opened) {
    slots_[opened].end = text_.size();
    slots_[opened].closed = true;
    breaks_begin_ = breaks_end_ = 0;  // those inside the style stay there
}

void builder::enter(frame_kind kind) {
    frames_.push_back({.kind = kind, .first = open_.size()});
}

void builder::leave() {
    open_.resize(frames_.back().first);
    frames_.pop_back();
}

void builder::put_down(std::string_view written) {
    markers_.push_back({.begin = text_.size(), .size = written.size()});
    add(written);
}

void builder::open_marker(std::size_t key, std::string_view written, style what, std::string data) {
    put_down(written);
    slots_.push_back({.what = what, .data = std::move(data)});
    pending made{.key = key, .slot = slots_.size() - 1, .marker = markers_.size() - 1};
    frame& inner = frames_.back();
    after_quote_tag_ = is_quote_key(key);
    if (is_quote_key(key) && inner.kind == frame_kind::leaf && inner.first == open_.size()) {
        ++frames_[frames_.size() - 2].open_of[key];  // a leaf is always in a container
        ++inner.first;
    } else {
        ++inner.open_of[key];
    }
    open_.push_back(made);
}

void builder::close_marker(std::size_t key, std::string_view written) {
    frame& inner = frames_.back();
    frame* owner = inner.open_of[key] != 0 ? &inner : nullptr;
    if (owner == nullptr && is_quote_key(key) && inner.kind == frame_kind::leaf) {
        frame& container = frames_[frames_.size() - 2];
        owner = container.open_of[key] != 0 ? &container : nullptr;
    }
    const bool takes_breaks = is_quote_key(key) && breaks_end_ == text_.size();
    const std::size_t begin = takes_breaks ? breaks_begin_ : text_.size();
    put_down(written);
    if (owner == nullptr) {
        return;
    }
    markers_.back().size += markers_.back().begin - begin;
    markers_.back().begin = begin;
    pair(key, *owner);
}

void builder::bar_marker() {
    if (frames_.back().open_of[bars] != 0) {
        close_marker(bars, "||");
    } else {
        open_marker(bars, "||", style::spoiler);
    }
}

// Makes a pair of the last marker and the last open one of this key; those opened in between stay text.
void builder::pair(std::size_t key, frame& owner) {
    pending last;
    do {
        last = open_.back();
        open_.pop_back();
        // Whatever stands above the owner's first belongs to the owner or to the leaf inside it.
        frame& holder = open_.size() >= frames_.back().first ? frames_.back() : owner;
        --holder.open_of[last.key];
    } while (last.key != key);
    frames_.back().first = std::min(frames_.back().first, open_.size());
    marker& opening = markers_[last.marker];
    marker& closing = markers_.back();
    slot& made = slots_[last.slot];
    made.begin = opening.begin + opening.size;
    made.end = closing.begin;
    if (made.begin < made.end) {
        made.closed = true;
        opening.paired = true;
        closing.paired = true;
    }
}

void builder::drop_last_newline() {
    if (text_.ends_with('\n')) {
        text_.pop_back();
    }
}

rich_text builder::finish() {
    rich_text result;
    for (slot& each : slots_) {
        if (each.closed) {
            result.spans.push_back({each.what, each.begin, each.end, std::move(each.data)});
        }
    }
    // Where a position of the text as collected is in the text without the paired markers: both lists are in order.
    std::vector<std::pair<std::size_t, std::size_t>> removed;  // from here on, so many bytes less
    std::size_t less = 0;
    std::size_t from = 0;
    for (const marker& each : markers_) {
        if (each.paired) {
            result.text.append(text_, from, each.begin - from);
            from = each.begin + each.size;
            less += each.size;
            removed.emplace_back(from, less);
        }
    }
    result.text.append(text_, from);
    const auto moved = [&removed](std::size_t at) {
        const auto next =
            std::upper_bound(removed.begin(), removed.end(), at,
                             [](std::size_t position, const auto& each) { return position < each.first; });
        return next == removed.begin() ? at : at - std::prev(next)->second;
    };
    for (span& each : result.spans) {
        each.begin = moved(each.begin);
        each.end = moved(each.end);
    }
    return normalized(std::move(result));
}

}  // namespace gateway::markdown
