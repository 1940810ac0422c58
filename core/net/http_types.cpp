#include "net/http_types.hpp"

namespace gateway::net {

const std::string* http_response::header(std::string_view name) const noexcept {
    for (const http_header& one : headers) {
        if (one.name == name) {
            return &one.value;
        }
    }
    return nullptr;
}

}  // namespace gateway::net
