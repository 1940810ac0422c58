#include "instance/http_service.hpp"

#include "instance/instance_host.hpp"
#include "message/utf8.hpp"
#include "net/http_client.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace gateway::instance {
namespace {

// 0 leaves the default.
void set_timeout(std::int64_t ms, std::chrono::milliseconds& ret_timeout) {
    if (ms != 0) {
        ret_timeout = std::chrono::milliseconds(ms);
    }
}

bool copy(gw_str from, std::uint64_t most, std::string& ret_text) {
    if (dangling(from) || from.size > most) {
        return false;
    }
    ret_text.assign(view(from));
    return true;
}

// Empty, or absolute: a relative path would mean the host's working directory. A NUL would cut it short, and it stands
// in texts.
bool copy_path(gw_str from, std::string& ret_path) {
    constexpr std::uint64_t max_path_bytes = 4095;
    return copy(from, max_path_bytes, ret_path) && (ret_path.empty() || ret_path.front() == '/') &&
           ret_path.find('\0') == std::string::npos && message::is_utf8(ret_path);
}

std::optional<net::http_version> version_of(std::int32_t version) {
    switch (version) {
        case GW_HTTP_VERSION_AUTO:
            return net::http_version::automatic;
        case GW_HTTP_VERSION_1:
            return net::http_version::http1;
        case GW_HTTP_VERSION_2:
            return net::http_version::http2;
        case GW_HTTP_VERSION_2_PRIOR_KNOWLEDGE:
            return net::http_version::http2_prior_knowledge;
        default:
            return std::nullopt;
    }
}

gw_status copy_form(const gw_array& from, std::vector<net::http_part>& ret_form) {
    std::uint64_t bytes = 0;
    return read_array<gw_http_field>(from, net::http_request::max_parts, [&](const gw_http_field& each) -> gw_status {
        auto& part = ret_form.emplace_back();
        bytes += each.value.size;
        if (!copy(each.name, GW_MAX_ID_BYTES, part.name) || !copy_path(each.path, part.file) ||
            !copy(each.file_name, GW_MAX_NAME_BYTES, part.file_name) ||
            !copy(each.content_type, GW_MAX_ID_BYTES, part.content_type) || bytes > http_service::max_body_bytes ||
            (each.value.data == nullptr && each.value.size != 0)) {
            return GW_ERR_INVALID;
        }
        part.data.assign(view(each.value));
        return GW_OK;
    });
}

// Null when everything is usable; otherwise what is wrong, for the log.
const char* translate(const gw_http_request& from, net::http_request& ret_request) {
    const auto version = version_of(from.version);
    if (!version) {
        return "gw_http_request.version is none of GW_HTTP_VERSION_*";
    }
    ret_request.version = *version;
    constexpr std::uint64_t max_method_bytes = 32;
    if (!copy(from.method, max_method_bytes, ret_request.method) ||
        !copy(from.url, http_service::max_url_bytes, ret_request.url)) {
        return "a request's method or url is at NULL or too long";
    }
    if (!copy_path(from.upload_path, ret_request.body_file) || !copy_path(from.download_path, ret_request.save_to)) {
        return "a request's upload_path or download_path is no absolute path of at most 4095 bytes of UTF-8";
    }
    if (from.body.size > http_service::max_body_bytes || (from.body.data == nullptr && from.body.size != 0)) {
        return "a request's body is at NULL or larger than 16 MiB";
    }
    ret_request.body.assign(view(from.body));
    if (copy_headers(from.headers, ret_request.headers) != GW_OK) {
        return "a request's headers are more than 64, at NULL, or their struct_size or stride is too small";
    }
    if (copy_form(from.form, ret_request.form) != GW_OK) {
        return "a request's form has more than 64 fields, a text at NULL or too long, a path that is not absolute, or "
               "more than 16 MiB in memory";
    }
    if (std::min({from.connect_timeout_ms, from.idle_timeout_ms, from.total_timeout_ms, from.max_body_bytes}) < 0) {
        return "a request's timeout or limit is negative";
    }
    set_timeout(from.connect_timeout_ms, ret_request.timeouts.connect);
    set_timeout(from.idle_timeout_ms, ret_request.timeouts.idle);
    set_timeout(from.total_timeout_ms, ret_request.timeouts.total);
    if (from.max_body_bytes != 0) {
        const auto most = ret_request.save_to.empty() ? http_service::max_body_bytes : http_service::max_file_bytes;
        ret_request.max_body_bytes = std::min(most, static_cast<std::uint64_t>(from.max_body_bytes));
    }
    return nullptr;
}

}  // namespace

gw_status copy_headers(const gw_array& from, std::vector<net::http_header>& ret_headers) {
    constexpr std::uint64_t max_value_bytes = 16384;
    return read_array<gw_http_header>(
        from, net::http_request::max_headers, [&](const gw_http_header& each) -> gw_status {
            auto& header = ret_headers.emplace_back();
            return copy(each.name, GW_MAX_ID_BYTES, header.name) && copy(each.value, max_value_bytes, header.value)
                       ? GW_OK
                       : GW_ERR_INVALID;
        });
}

gw_status status_of(const net::failure& why) {
    using net::failure_kind;
    switch (why.kind) {
        case failure_kind::bad_request:
            return GW_ERR_INVALID;
        case failure_kind::limit:
            return GW_ERR_LIMIT;
        case failure_kind::timeout_connect:
        case failure_kind::timeout_idle:
        case failure_kind::timeout_total:
        case failure_kind::timeout_close:
            return GW_ERR_TIMEOUT;
        case failure_kind::header_too_large:
        case failure_kind::body_too_large:
            return GW_ERR_TOO_LARGE;
        case failure_kind::file:
            return GW_ERR_IO;
        case failure_kind::cancelled:
            return GW_ERR_CANCELLED;
        case failure_kind::resolve:
        case failure_kind::connect:
        case failure_kind::proxy:
        case failure_kind::tls:
        case failure_kind::reset:
        case failure_kind::protocol:
        case failure_kind::upgrade_refused:
        case failure_kind::internal:
            break;
    }
    return GW_ERR_NETWORK;
}

std::string_view code_of(const net::failure& why) {
    return why.kind == net::failure_kind::resolve ? "dns" : net::to_string(why.kind);
}

gw_status http_service::start(key from, record& of, const gw_http_request& request) {
    if (const auto status = host_.start_operation(of, request.op); status != GW_OK) {
        return status;
    }
    if (of.count(operation_kind::http) >= max_requests) {
        return GW_ERR_LIMIT;
    }
    net::http_request translated;
    if (const char* wrong = translate(request, translated); wrong != nullptr) {
        host_.complain(of, wrong);
        return GW_ERR_INVALID;
    }
    translated.owner = owner_of(from);
    translated.proxy = of.spec->proxy;
    auto started = host_.with().http.start(
        std::move(translated), [this, from, op = request.op](net::operation_id, net::http_result&& outcome) {
            host_.complete(from, op, http_call{op, std::make_unique<http_outcome>(std::move(outcome))});
        });
    if (started.has_value()) {
        of.operations.push_back({request.op, *started, operation_kind::http});
        return GW_OK;
    }
    if (started.error().kind == net::failure_kind::file) {
        // The state of the disk is no mistake of the module's; it is told like all else that the outside does.
        constexpr std::uint64_t no_handle = 0;
        of.operations.push_back({request.op, no_handle, operation_kind::http});
        host_.complete(from, request.op, http_call{request.op, std::make_unique<http_outcome>(started.error())});
        return GW_OK;
    }
    if (started.error().kind == net::failure_kind::bad_request) {
        host_.complain(of, started.error().text);
    }
    return status_of(started.error());
}

void http_service::cancel(const operation& pending) {
    host_.with().http.cancel(pending.handle);
}

void http_service::drop(key of, const record& in) {
    if (in.count(operation_kind::http) != 0) {
        host_.with().http.drop_owner(owner_of(of));
    }
}

}  // namespace gateway::instance
