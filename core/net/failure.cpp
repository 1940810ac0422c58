#include "net/failure.hpp"

namespace gateway::net {

std::string_view to_string(failure_kind kind) noexcept {
    switch (kind) {
        case failure_kind::bad_request:
            return "bad_request";
        case failure_kind::limit:
            return "limit";
        case failure_kind::resolve:
            return "resolve";
        case failure_kind::connect:
            return "connect";
        case failure_kind::proxy:
            return "proxy";
        case failure_kind::tls:
            return "tls";
        case failure_kind::timeout_connect:
            return "timeout_connect";
        case failure_kind::timeout_idle:
            return "timeout_idle";
        case failure_kind::timeout_total:
            return "timeout_total";
        case failure_kind::timeout_close:
            return "timeout_close";
        case failure_kind::reset:
            return "reset";
        case failure_kind::protocol:
            return "protocol";
        case failure_kind::upgrade_refused:
            return "upgrade_refused";
        case failure_kind::header_too_large:
            return "header_too_large";
        case failure_kind::body_too_large:
            return "body_too_large";
        case failure_kind::file:
            return "file";
        case failure_kind::cancelled:
            return "cancelled";
        case failure_kind::internal:
            return "internal";
    }
    return "unknown";
}

}  // namespace gateway::net
