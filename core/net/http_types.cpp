#include "net/http_types.hpp"

#include <algorithm>

namespace gateway::net {

bool is_same_name(std::string_view left, std::string_view right) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(left, right, {}, lower, lower);
}

const std::string* http_response::header(std::string_view name) const noexcept {
    for (const http_header& one : headers) {
        if (one.name == name) {
            return &one.value;
        }
    }
    return nullptr;
}

}  // namespace gateway::net
