#include "telegram_text.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gateway::telegram {
namespace {

using markdown::rich_text;
using markdown::span;
using markdown::style;

// The platform makes spaces of all control characters.
bool is_white(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

// Bytes of the character that starts `bytes`, which is not empty; 0 when none does.
std::size_t character_bytes(std::string_view bytes) {
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    const unsigned char lead = at(0);
    if (lead < 0x80U) {
        return 1;
    }
    const std::size_t size = lead >= 0xf0U ? 4 : lead >= 0xe0U ? 3 : 2;
    if (lead < 0xc2U || lead > 0xf4U || bytes.size() < size) {
        return 0;
    }
    for (std::size_t index = 1; index < size; ++index) {
        if (!continues(bytes[index])) {
            return 0;
        }
    }
    const unsigned char second = at(1);
    const bool wrong = (lead == 0xe0U && second < 0xa0U) ||  // longer than needed
                       (lead == 0xedU && second > 0x9fU) ||  // a surrogate
                       (lead == 0xf0U && second < 0x90U) ||  // longer than needed
                       (lead == 0xf4U && second > 0x8fU);    // past U+10FFFF
    return wrong ? 0 : size;
}

// UTF-16 units that the byte adds: a character counts at its first byte.
std::size_t units_at(char byte) {
    if (continues(byte)) {
        return 0;
    }
    return static_cast<unsigned char>(byte) >= 0xf0U ? 2 : 1;
}

// The end of the longest start of `text` that has at most `max_units`.
std::size_t fitting_end(std::string_view text, std::size_t max_units) {
    std::size_t units = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        units += units_at(text[index]);
        if (units > max_units) {
            return index;
        }
    }
    return text.size();
}

std::size_t first_visible(std::string_view text, std::size_t from) {
    return static_cast<std::size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), is_white) - text.begin());
}

std::size_t last_visible(std::string_view text, std::size_t from, std::size_t end) {
    while (end > from && is_white(text[end - 1])) {
        --end;
    }
    return end;
}

// Cuts one text into its pieces, from the beginning to the end.
class cutter {
public:
    cutter(const rich_text& valid, std::size_t max_units) : in_(valid), text_(valid.text), max_units_(max_units) {}

    std::vector<rich_text> run();

private:
    void open_until(std::size_t end);
    [[nodiscard]] rich_text piece(std::size_t begin, std::size_t end) const;
    [[nodiscard]] std::size_t cut(std::size_t begin, std::size_t fits) const;
    [[nodiscard]] std::optional<std::size_t> code_around(std::size_t at) const;
    [[nodiscard]] std::optional<std::size_t> line_end(std::size_t from, std::size_t to, bool in_code) const;

    const rich_text& in_;
    std::string_view text_;
    std::size_t max_units_;
    std::size_t next_ = 0;              // the first span that begins behind the piece
    std::vector<std::size_t> current_;  // spans that reach into the piece, in order
};

std::vector<rich_text> cutter::run() {
    std::vector<rich_text> pieces;
    for (std::size_t at = first_visible(text_, 0); at < text_.size(); at = first_visible(text_, at)) {
        const std::size_t fits = at + fitting_end(text_.substr(at), max_units_);
        open_until(std::min(fits + 1, text_.size()));
        const std::size_t end = fits == text_.size() ? fits : cut(at, fits);
        const std::size_t visible_end = last_visible(text_, at, end);
        if (!is_invisible(text_.substr(at, visible_end - at))) {
            pieces.push_back(piece(at, visible_end));
        }
        at = end;
        std::erase_if(current_, [&](std::size_t index) { return in_.spans[index].end <= at; });
    }
    return pieces;
}

void cutter::open_until(std::size_t end) {
    for (; next_ < in_.spans.size() && in_.spans[next_].begin < end; ++next_) {
        current_.push_back(next_);
    }
}

rich_text cutter::piece(std::size_t begin, std::size_t end) const {
    rich_text made{std::string(text_.substr(begin, end - begin)), {}};
    for (const std::size_t index : current_) {
        const span& each = in_.spans[index];
        const std::size_t from = std::max(each.begin, begin);
        const std::size_t to = std::min(each.end, end);
        const bool broken = each.what == style::custom_emoji && (from != each.begin || to != each.end);
        if (from < to && !broken) {
            made.spans.push_back({each.what, from - begin, to - begin, each.data});
        }
    }
    return made;
}

std::optional<std::size_t> cutter::code_around(std::size_t at) const {
    for (const std::size_t index : current_) {
        const span& each = in_.spans[index];
        if (each.what == style::code_block && each.begin < at && at < each.end) {
            return index;
        }
    }
    return std::nullopt;
}

// The last one; in code, one before a line that is not indented, since the next piece loses its indentation.
std::optional<std::size_t> cutter::line_end(std::size_t from, std::size_t to, bool in_code) const {
    for (std::size_t at = to; at > from; --at) {
        if (text_[at - 1] == '\n' && (!in_code || at == text_.size() || !is_white(text_[at]))) {
            return at - 1;
        }
    }
    return in_code ? line_end(from, to, false) : std::nullopt;
}

// Where a piece from `begin` ends of which no more than up to `fits` has room.
std::size_t cutter::cut(std::size_t begin, std::size_t fits) const {
    const auto code = code_around(fits);
    if (code) {
        const span& block = in_.spans[*code];
        const bool has_room =
            fitting_end(text_.substr(block.begin, block.end - block.begin), max_units_) == block.end - block.begin;
        if (has_room && block.begin > begin && first_visible(text_, begin) < block.begin) {
            return block.begin;
        }
    }
    const std::size_t half = begin + (fits - begin) / 2;
    const std::size_t window = std::min(fits + 1, text_.size());  // a break may follow what fits
    const std::size_t paragraph = text_.substr(0, window).rfind("\n\n");
    if (!code && paragraph != std::string_view::npos && paragraph >= half && paragraph > begin) {
        return paragraph;
    }
    if (const auto line = line_end(half, window, code.has_value()); line && *line > begin) {
        return *line;
    }
    for (std::size_t at = window; at > half && at > begin + 1; --at) {
        if (is_white(text_[at - 1])) {
            return at - 1;
        }
    }
    const std::size_t grapheme = utf8::grapheme_boundary(text_, fits);
    return grapheme > begin ? grapheme : fits;
}

}  // namespace

std::string clean_utf8(std::string_view bytes, std::size_t max_bytes) {
    std::string result;
    result.reserve(std::min(bytes.size(), max_bytes));
    while (!bytes.empty()) {
        const std::size_t size = character_bytes(bytes);
        const std::string_view character = size == 0 ? replacement : bytes.substr(0, size);
        if (result.size() + character.size() > max_bytes) {
            break;
        }
        result.append(character);
        bytes.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return result;
}

std::string_view trimmed(std::string_view valid) {
    const std::size_t first = first_visible(valid, 0);
    return valid.substr(first, last_visible(valid, first, valid.size()) - first);
}

std::size_t utf16_units(std::string_view valid) {
    std::size_t units = 0;
    for (const char byte : valid) {
        units += units_at(byte);
    }
    return units;
}

bool is_invisible(std::string_view valid) {
    for (std::size_t at = 0; at < valid.size();) {
        const utf8::character here = utf8::decode(valid, at);
        const char32_t c = here.code;
        const bool invisible = utf8::is_space(c) || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
                               (c >= 0x2028 && c <= 0x202e) || c == 0x2800 || c == 0xfeff || c == 0xfffc ||
                               (c >= 0xe0000 && c <= 0xe007f);
        if (!invisible) {
            return false;
        }
        at += here.bytes;
    }
    return true;
}

std::vector<rich_text> split_text(const rich_text& valid, std::size_t max_units) {
    return cutter(valid, max_units).run();
}

}  // namespace gateway::telegram
