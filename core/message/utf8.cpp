#include "message/utf8.hpp"

#include "log/utf8.hpp"

#include <cstddef>

namespace gateway::message {
bool is_utf8(std::string_view text) {
    return log::invalid_utf8_at(text) == std::string_view::npos;
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
