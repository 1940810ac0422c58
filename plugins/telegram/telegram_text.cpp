#include "telegram_text.hpp"

#include <algorithm>
#include <cstdint>

namespace gateway::telegram {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";
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

// Where a piece ends that begins `text` and is too long: `fits` bytes would fit.
std::size_t cut_at(std::string_view text, std::size_t fits) {
    const std::string_view window = text.substr(0, std::min(fits + 1, text.size()));  // a break may follow what fits
    for (const std::string_view breaks : {std::string_view("\n"), white_space}) {
        const std::size_t found = window.find_last_of(breaks);
        if (found != std::string_view::npos && found >= fits / 2) {
            return found;
        }
    }
    return fits;
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
    const std::size_t first = valid.find_first_not_of(white_space);
    if (first == std::string_view::npos) {
        return {};
    }
    return valid.substr(first, valid.find_last_not_of(white_space) - first + 1);
}

std::size_t utf16_units(std::string_view valid) {
    std::size_t units = 0;
    for (const char byte : valid) {
        units += units_at(byte);
    }
    return units;
}

std::vector<std::string> split_text(std::string_view valid, std::size_t max_units) {
    std::vector<std::string> pieces;
    std::string_view rest = trimmed(valid);
    while (!rest.empty()) {
        const std::size_t fits = fitting_end(rest, max_units);
        const std::size_t end = fits == rest.size() ? fits : cut_at(rest, fits);
        pieces.emplace_back(trimmed(rest.substr(0, end)));
        rest = trimmed(rest.substr(end));
    }
    return pieces;
}

}  // namespace gateway::telegram
