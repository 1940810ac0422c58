#include "message/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gateway::message {
namespace {

// The length of the well-formed character at `at`, which is not ASCII; 0 when there is none. The table of the Unicode
// standard (3-7): only the second byte's range depends on the first.
std::size_t character_bytes(const unsigned char* at, std::size_t left) {
    const unsigned char lead = at[0];
    std::size_t bytes = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        bytes = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        bytes = 3;
        low = lead == 0xE0 ? 0xA0 : low;    // overlong
        high = lead == 0xED ? 0x9F : high;  // surrogates
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        bytes = 4;
        low = lead == 0xF0 ? 0x90 : low;    // overlong
        high = lead == 0xF4 ? 0x8F : high;  // above U+10FFFF
    } else {
        return 0;
    }
    if (left < bytes || at[1] < low || at[1] > high) {
        return 0;
    }
    for (std::size_t i = 2; i < bytes; ++i) {
        if ((at[i] & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    return bytes;
}

}  // namespace

bool is_utf8(std::string_view text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        if (left >= sizeof(std::uint64_t)) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof eight;
                left -= sizeof eight;
                continue;
            }
        }
        const std::size_t bytes = at[0] < 0x80 ? 1 : character_bytes(at, left);
        if (bytes == 0) {
            return false;
        }
        at += bytes;
        left -= bytes;
    }
    return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return text;
    }
    while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0U) == 0x80U) {
        --max_bytes;
    }
    return text.substr(0, max_bytes);
}

}  // namespace gateway::message
