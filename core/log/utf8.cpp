#include "log/utf8.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace gateway::log {
namespace {

struct character {
    std::size_t bytes = 0;  // 0: the text is ill-formed here
    std::uint32_t code = 0;
};

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The character at the start of `text`, which is not empty.
character decode(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80U) {
        return {1, lead};
    }
    std::size_t bytes = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if ((lead & 0xE0U) == 0xC0U) {
        bytes = 2, code = lead & 0x1FU, least = 0x80;
    } else if ((lead & 0xF0U) == 0xE0U) {
        bytes = 3, code = lead & 0x0FU, least = 0x800;
    } else if ((lead & 0xF8U) == 0xF0U) {
        bytes = 4, code = lead & 0x07U, least = 0x10000;
    }
    if (bytes == 0 || text.size() < bytes) {
        return {};
    }
    for (std::size_t i = 1; i < bytes; ++i) {
        if (!is_continuation(text[i])) {
            return {};
        }
        code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least || code > 0x10FFFF || surrogate ? character{} : character{bytes, code};
}

bool is_unprintable(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0)  // C0, DEL, C1
           || code == 0x2028 || code == 0x2029           // line and paragraph separator
           || code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069)  // bidirectional controls
           || code == 0xFEFF;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_escaped(std::string& out, std::uint32_t code) {
    switch (code) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u";
            for (unsigned shift = 16; shift > 0;) {
                shift -= 4;
                out += hex_digits[(code >> shift) & 0xFU];
            }
    }
}

}  // namespace

std::size_t invalid_utf8_at(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.size() - at >= sizeof(std::uint64_t)) {  // most text is ASCII
            std::uint64_t eight = 0;
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        const character next = decode(text.substr(at));
        if (next.bytes == 0) {
            return at;
        }
        at += next.bytes;
    }
    return std::string_view::npos;
}

std::string to_valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (;;) {
        const std::size_t bad = invalid_utf8_at(text);
        out += text.substr(0, bad);
        if (bad == std::string_view::npos) {
            return out;
        }
        out += "\xEF\xBF\xBD";
        text.remove_prefix(bad + 1);
    }
}

std::string to_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const character next = decode(text);
        if (next.bytes == 0) {
            const auto byte = static_cast<unsigned char>(text[0]);
            out += "\\x";
            out += hex_digits[byte >> 4U];
            out += hex_digits[byte & 0xFU];
        } else if (is_unprintable(next.code)) {
            append_escaped(out, next.code);
        } else {
            out += text.substr(0, next.bytes);
        }
        text.remove_prefix(next.bytes == 0 ? 1 : next.bytes);
    }
    return out;
}

std::string shorten(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return std::string{text};
    }
    std::size_t end = max_bytes;
    for (int back = 0; back < 3 && end > 0 && is_continuation(text[end]); ++back) {
        --end;
    }
    return std::string{text.substr(0, end)} + "… (" + std::to_string(text.size() - end) + " bytes more)";
}

}  // namespace gateway::log
