#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace gateway::utf8 {
namespace {

struct range {
    char32_t first;
    char32_t last;
};

bool is_in(std::span<const range> sorted, char32_t code) {
    const auto at = std::upper_bound(sorted.begin(), sorted.end(), code,
                                     [](char32_t wanted, const range& each) { return wanted < each.first; });
    return at != sorted.begin() && code <= std::prev(at)->last;
}

// Marks that stand on the character before them.
constexpr std::array<range, 41> marks{{
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05bf},   {0x05c1, 0x05c2},   {0x05c4, 0x05c5},
    {0x05c7, 0x05c7}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0670, 0x0670},   {0x06d6, 0x06dc},   {0x06df, 0x06e4},
    {0x06e7, 0x06e8}, {0x06ea, 0x06ed}, {0x0711, 0x0711}, {0x0730, 0x074a},   {0x07a6, 0x07b0},   {0x07eb, 0x07f3},
    {0x0816, 0x082d}, {0x0859, 0x085b}, {0x0e31, 0x0e31}, {0x0e33, 0x0e3a},   {0x0e47, 0x0e4e},   {0x0eb1, 0x0eb1},
    {0x0eb3, 0x0ebc}, {0x0ec8, 0x0ece}, {0x0f71, 0x0f84}, {0x0f8d, 0x0fbc},   {0x102b, 0x103e},   {0x1160, 0x11ff},
    {0x17b4, 0x17d3}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200c, 0x200d},   {0x20d0, 0x20ff},   {0x302a, 0x302f},
    {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe01ef},
}};

constexpr std::array<range, 13> wide{{
    {0x1100, 0x115f},
    {0x231a, 0x231b},
    {0x23e9, 0x23ec},
    {0x2614, 0x2615},
    {0x26a1, 0x26a1},
    {0x2705, 0x2705},
    {0x2728, 0x2728},
    {0x274c, 0x274c},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
}};
constexpr std::array<range, 4> wide_above{{{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}}};

// The scripts of India from Devanagari to Sinhala have their signs at the same places of their blocks.
bool is_indic_mark(char32_t code) {
    if (code < 0x0900 || code > 0x0dff) {
        return false;
    }
    const char32_t place = code & 0x7fU;
    return place <= 0x03 || (place >= 0x3a && place <= 0x3c) || (place >= 0x3e && place <= 0x4f) ||
           (place >= 0x51 && place <= 0x57) || place == 0x62 || place == 0x63;
}

bool is_mark(char32_t code) {
    return code >= 0x0300 && (is_in(marks, code) || is_indic_mark(code));
}

bool is_flag_half(char32_t code) {
    return code >= 0x1f1e6 && code <= 0x1f1ff;
}

bool joins(char32_t first, char32_t second) {
    return is_mark(second) || first == 0x200d || (first == '\r' && second == '\n');
}

}  // namespace

character decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[at + index]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80U) {
        return {lead, 1};
    }
    const std::size_t size = lead >= 0xf0U ? 4 : lead >= 0xe0U ? 3 : 2;
    if (lead < 0xc2U || lead > 0xf4U || text.size() - at < size) {
        return {};
    }
    char32_t code = lead & (0x7fU >> size);
    for (std::size_t index = 1; index < size; ++index) {
        if (!continues(text[at + index])) {
            return {};
        }
        code = (code << 6U) | (byte(index) & 0x3fU);
    }
    const bool wrong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000) || code > 0x10ffff ||
                       (code >= 0xd800 && code <= 0xdfff);
    return wrong ? character{} : character{code, size};
}

bool is_valid(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (static_cast<unsigned char>(text[at]) < 0x80U) {
            ++at;
            continue;
        }
        const character here = decode(text, at);
        if (here.bytes == 1) {
            return false;
        }
        at += here.bytes;
    }
    return true;
}

std::string mended(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const character here = decode(text, at);
        append(here.code == 0 ? 0xfffd : here.code, result);
        at += here.bytes;
    }
    return result;
}

std::size_t before(std::string_view text, std::size_t at) {
    do {
        --at;
    } while (at != 0 && continues(text[at]));
    return at;
}

void append(char32_t code, std::string& ret_text) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        code = 0xfffd;
    }
    const auto byte = [&](char32_t bits) { ret_text += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0U | (code >> 6U));
        byte(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        byte(0xe0U | (code >> 12U));
        byte(0x80U | ((code >> 6U) & 0x3fU));
        byte(0x80U | (code & 0x3fU));
    } else {
        byte(0xf0U | (code >> 18U));
        byte(0x80U | ((code >> 12U) & 0x3fU));
        byte(0x80U | ((code >> 6U) & 0x3fU));
        byte(0x80U | (code & 0x3fU));
    }
}

bool is_space(char32_t code) {
    return code <= ' ' || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

std::size_t columns(char32_t code) {
    if (is_mark(code)) {
        return 0;
    }
    return is_in(wide, code) || is_in(wide_above, code) ? 2 : 1;
}

std::size_t grapheme_boundary(std::string_view valid, std::size_t at) {
    if (at == 0 || at >= valid.size()) {
        return at;
    }
    std::size_t boundary = at;
    for (std::size_t looked = 0; boundary != 0 && looked < max_grapheme_characters; ++looked) {
        const std::size_t previous = before(valid, boundary);
        const char32_t first = decode(valid, previous).code;
        const char32_t second = decode(valid, boundary).code;
        if (joins(first, second)) {
            boundary = previous;
            continue;
        }
        if (!is_flag_half(first) || !is_flag_half(second)) {
            return boundary;
        }
        std::size_t halves = 1;  // flags are pairs, counted from the first half of the row
        std::size_t start = previous;
        while (start != 0 && halves < max_grapheme_characters &&
               is_flag_half(decode(valid, before(valid, start)).code)) {
            start = before(valid, start);
            ++halves;
        }
        return halves % 2 == 0 ? boundary : previous;
    }
    return boundary == 0 ? 0 : at;
}

}  // namespace gateway::utf8
