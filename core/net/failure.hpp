// Why a network operation failed, as a value: nothing in this folder logs.
//
// The text is one sentence for an operator. It names at most a host and a port (or a path of the local
// file system), never a URL, a header or a proxy's password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::net {

enum class failure_kind : std::uint8_t {
    bad_request,      // refused at once: an URL, method, header, limit or timeout that cannot be used
    limit,            // refused at once: too many operations in total or for this owner
    resolve,          // the host's name has no address
    connect,          // no address of the host accepted a connection
    proxy,            // the proxy cannot be reached or refused to serve
    tls,              // handshake failed or the certificate is not trusted
    timeout_connect,  // no usable connection in time: resolving, TCP, proxy, TLS, or waiting for a free one
    timeout_idle,     // no byte received (or, while uploading, sent) for too long
    timeout_total,    // the whole operation took too long
    timeout_close,    // WebSocket only: the peer did not answer our close frame in time
    reset,            // the connection or stream ended before the answer was complete
    protocol,         // the peer does not speak HTTP or WebSocket as it should
    upgrade_refused,  // WebSocket only: an HTTP answer other than 101; see http_status
    header_too_large,
    body_too_large,
    file,       // a local file cannot be read or written
    cancelled,  // cancel() was called
    internal,   // libcurl refused its work for a reason of its own (out of memory, a bug)
};

// Whether any byte of the request may have reached the peer. `none` means that repeating it is safe,
// also when it is not idempotent.
enum class request_written : std::uint8_t { none, maybe };

struct failure {
    failure_kind kind = failure_kind::internal;
    request_written written = request_written::none;
    int http_status = 0;  // upgrade_refused: the status; otherwise 0
    std::string text;
};

// "timeout_idle" …: a stable name for metrics and structured logs.
std::string_view to_string(failure_kind kind) noexcept;

}  // namespace gateway::net
