// Which characters of a text need a backslash, or a reference, to be themselves. Pure; looks at the neighbours and the
// rest of the line only, each line's once.
#pragma once

#include "rich_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway::markdown {

class escaper {
public:
    explicit escaper(const rich_text& in);

    // Where the next characters stand.
    struct position {
        std::size_t at = 0;
        std::size_t end = 0;       // of the text that is written as one
        std::size_t from = 0;      // the last place where a style begins or ends, at most `at`
        std::size_t to = 0;        // the next one, after `at`
        bool line_start = false;   // nothing is written on this line yet
        bool in_brackets = false;  // a link's or an emoji's text
    };

    // Appends one character, or a row of the same one, and says how many bytes of the text that was. Not for newlines.
    [[nodiscard]] std::size_t write(const position& where, std::string& ret_out) const;

    static void reference(unsigned char c, std::string& ret_out);
    // `&` at `at` begins what would be read as a reference.
    [[nodiscard]] static bool is_reference(std::string_view text, std::size_t at);

private:
    [[nodiscard]] bool starts_block(const position& where) const;
    [[nodiscard]] bool is_alone_on_line(const position& where, std::string_view characters) const;
    [[nodiscard]] std::size_t ordered_mark(const position& where, std::string& ret_out) const;
    [[nodiscard]] std::size_t row(const position& where, std::string& ret_out) const;
    [[nodiscard]] bool needs_backslash(const position& where) const;

    std::string_view text_;
    // The text has one row of them, and no style is written with them: they cannot make a pair.
    bool single_star_ = false;
    bool single_underscore_ = false;
    bool single_tilde_ = false;
    bool single_backtick_ = false;
    bool single_bars_ = false;
    std::size_t last_angle_ = 0;  // md4c takes nearly anything between `<` and `>` for an address
    bool many_brackets_ = false;
};

}  // namespace gateway::markdown
