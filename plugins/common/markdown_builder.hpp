// Collects what the reader sees: text, styles that md4c knows, and markers that it does not (tags, `||`). Pure.
//
// Styles known from the beginning are opened and closed. A marker is put down as text first; when its partner comes
// within the same frame, both are taken out at the end and become a style. Frames are what markers cannot reach across:
//
//     container (document, quote, list item) ▷ leaf (a paragraph) ▷ span (one of md4c's styles) ▷ span …
//
// Only quote tags reach from one leaf to a later one of the same container.
//
// Time and memory are linear in what is added, since whatever is looked through is removed.
#pragma once

#include "rich_text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::markdown {

class builder {
public:
    // What opens and closes with the same key makes a pair: the number of a style for tags, this for `||`.
    static constexpr std::size_t bars = style_count;

    void add(std::string_view text);
    // Newlines that the layout of the source makes. Beside a quote's tag they belong to the tag.
    void add_breaks(std::size_t count);

    // A style that is certain. `close` takes what `open` gave; they nest with the frames.
    [[nodiscard]] std::size_t open(style what, std::string data = {});
    void close(std::size_t opened);
    [[nodiscard]] bool is_empty(std::size_t opened) const { return slots_[opened].begin == text_.size(); }
    [[nodiscard]] const std::string& data(std::size_t opened) const { return slots_[opened].data; }

    enum class frame_kind : std::uint8_t { container, leaf, span };
    void enter(frame_kind kind);
    void leave();

    // `written` is the marker as it stands in the source.
    void open_marker(std::size_t key, std::string_view written, style what, std::string data = {});
    void close_marker(std::size_t key, std::string_view written);
    void bar_marker();

    // Takes one newline off the end, if there is one.
    void drop_last_newline();
    [[nodiscard]] std::size_t size() const { return text_.size(); }

    // The text without the markers that made pairs, and the styles, `normalized`.
    [[nodiscard]] rich_text finish();

private:
    struct slot {
        style what{};
        bool closed = false;
        std::size_t begin = 0;
        std::size_t end = 0;
        std::string data{};
    };
    struct marker {
        std::size_t begin = 0;
        std::size_t size = 0;
        bool paired = false;
    };
    struct pending {
        std::size_t key = 0;
        std::size_t slot = 0;
        std::size_t marker = 0;
    };
    struct frame {
        frame_kind kind{};
        std::size_t first = 0;  // of its open markers in open_
        std::array<std::size_t, style_count + 1> open_of{};
    };

    [[nodiscard]] static bool is_quote_key(std::size_t key);
    void put_down(std::string_view written);
    void pair(std::size_t key, frame& owner);

    std::string text_;
    std::vector<slot> slots_;
    std::vector<marker> markers_;
    std::vector<pending> open_;
    std::vector<frame> frames_;
    // The breaks at the end of the text, if it ends with some that nobody owns.
    std::size_t breaks_begin_ = 0;
    std::size_t breaks_end_ = 0;
    bool after_quote_tag_ = false;  // the last thing in the text is an opening quote tag
};

}  // namespace gateway::markdown
