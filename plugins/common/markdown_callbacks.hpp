// The reader's inside: takes md4c's callbacks and tells the builder. `markdown_reader.cpp` has its blocks and lines,
// `markdown_inline.cpp` its styles and texts. For one source, once.
#pragma once

#include "markdown_builder.hpp"
#include "markdown_reader.hpp"
#include "markdown_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <md4c.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::markdown {

using frame_kind = builder::frame_kind;

// An attribute of md4c's with its references resolved.
[[nodiscard]] std::string plain_of(const MD_ATTRIBUTE& from);

class reader {
public:
    // U+0000 stands behind the end of `source`, and nowhere in it.
    explicit reader(std::string_view source) : source_(source) {}

    // Nothing when the source costs too much, or md4c loses its way in it.
    std::optional<rich_text> run();

private:
    struct list {
        bool ordered = false;
        std::uint64_t next = 1;
    };
    // What stands before the next text: a mark of a list, or, without one, the beginning of a quote.
    struct prefix {
        std::string mark{};
        std::size_t depth = 0;
    };
    struct open_style {
        MD_SPANTYPE type{};
        std::size_t slot = 0;
        std::string fallback{};  // the text of a link without text
    };

    template <int (reader::*What)(MD_BLOCKTYPE, void*)>
    static int on_block(MD_BLOCKTYPE type, void* detail, void* self) {
        return (static_cast<reader*>(self)->*What)(type, detail);
    }
    template <int (reader::*What)(MD_SPANTYPE, void*)>
    static int on_span(MD_SPANTYPE type, void* detail, void* self) {
        return (static_cast<reader*>(self)->*What)(type, detail);
    }
    static int on_text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
        return static_cast<reader*>(self)->take_text(type, {text, size});
    }

    int enter_block(MD_BLOCKTYPE type, void* detail);
    int leave_block(MD_BLOCKTYPE type, void* detail);
    int enter_span(MD_SPANTYPE type, void* detail);
    int leave_span(MD_SPANTYPE type, void* detail);
    int take_text(MD_TEXTTYPE type, std::string_view text);

    [[nodiscard]] int counted() { return ++callbacks_ > source_.size() * max_callbacks_per_byte + 64 ? 1 : 0; }
    void enter_item(const MD_BLOCK_LI_DETAIL& detail);
    void leave_code();
    void leave_table();
    void rule();
    void close_style();
    void begin_leaf();
    void end_leaf();
    [[nodiscard]] std::size_t breaks_before_leaf();
    void put_prefixes();
    void add_code(std::string_view text);
    void add_normal(std::string_view text);
    void add_tag(std::string_view written);
    void line_break();
    [[nodiscard]] bool is_trustworthy(MD_TEXTTYPE type, std::string_view text);
    [[nodiscard]] bool is_trustworthy(const MD_ATTRIBUTE& from) const;
    [[nodiscard]] bool is_in_bounds(std::string_view text) const;
    [[nodiscard]] std::optional<std::size_t> place_of(std::string_view text) const;

    std::string_view source_;
    builder out_;
    std::size_t callbacks_ = 0;
    std::size_t urls_bytes_ = 0;

    std::vector<list> lists_;
    std::vector<prefix> prefixes_;
    std::vector<open_style> styles_;
    std::array<std::size_t, 16> open_of_{};  // by md4c's type
    std::size_t quotes_ = 0;
    std::optional<std::size_t> quote_;  // the outermost quote's style, once there is text in it
    std::optional<std::size_t> heading_;
    bool heading_begins_ = false;
    bool leaf_open_ = false;
    bool started_ = false;  // there is something to be separated from

    std::size_t read_to_ = 0;    // the end of the last text in the source
    std::size_t texts_end_ = 0;  // of all that md4c gave
    bool after_code_ = false;
    bool after_quote_ = false;

    bool code_ = false;
    std::optional<std::size_t> code_style_;
    std::string language_;
    std::size_t code_columns_ = 0;  // of indentation, not added yet
    std::optional<table> table_;
};

}  // namespace gateway::markdown
