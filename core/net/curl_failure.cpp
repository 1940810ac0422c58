#include "net/curl_failure.hpp"

#include <system_error>

namespace gateway::net {

namespace {

failure make(failure_kind kind, std::string text) {
    failure made;
    made.kind = kind;
    made.text = std::move(text);
    return made;
}

long number_of(CURL* easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

// ": Connection refused", or nothing when the system gave no reason.
std::string system_reason(CURL* easy) {
    const long error = number_of(easy, CURLINFO_OS_ERRNO);
    return error == 0 ? std::string{} : ": " + std::generic_category().message(static_cast<int>(error));
}

failure proxy_failure(const curl_failure_context& context) {
    const long socks = number_of(context.easy, CURLINFO_PROXY_ERROR);
    std::string why;
    switch (socks) {
        case CURLPX_REPLY_CONNECTION_REFUSED:
            why = ": it says connection refused";
            break;
        case CURLPX_REPLY_HOST_UNREACHABLE:
        case CURLPX_REPLY_NETWORK_UNREACHABLE:
            why = ": it says unreachable";
            break;
        case CURLPX_REPLY_NOT_ALLOWED:
            why = ": it says not allowed";
            break;
        case CURLPX_USER_REJECTED:
        case CURLPX_NO_AUTH:
            why = ": it refuses our credentials";
            break;
        case CURLPX_RESOLVE_HOST:
            why = ": the host's name has no address";
            break;
        default:
            break;
    }
    return make(failure_kind::proxy,
                "the proxy " + context.proxy + " did not connect to " + context.peer + std::move(why));
}

// The connection came to nothing before the request could be sent.
failure never_connected(CURLcode code, const curl_failure_context& context) {
    const long connect_answer = number_of(context.easy, CURLINFO_HTTP_CONNECTCODE);
    if (connect_answer != 0 && connect_answer / 100 != 2) {
        return make(failure_kind::proxy, "the proxy " + context.proxy + " answered " + std::to_string(connect_answer) +
                                             " when asked for " + context.peer);
    }
    if (!context.proxy.empty()) {
        const bool unreachable = code == CURLE_COULDNT_CONNECT;
        return unreachable ? make(failure_kind::proxy,
                                  "cannot connect to the proxy " + context.proxy + system_reason(context.easy))
                           : proxy_failure(context);
    }
    if (code == CURLE_COULDNT_CONNECT) {
        return make(failure_kind::connect, "cannot connect to " + context.peer + system_reason(context.easy));
    }
    return make(failure_kind::connect, "the connection to " + context.peer + " ended while it was made");
}

}  // namespace

failure describe_curl_failure(CURLcode code, const curl_failure_context& context) {
    const std::string& peer = context.peer;
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return make(failure_kind::resolve, "the name of " + peer + " has no address");
        case CURLE_COULDNT_RESOLVE_PROXY:
            return make(failure_kind::proxy, "the name of the proxy " + context.proxy + " has no address");
        case CURLE_PROXY:
            return proxy_failure(context);
        case CURLE_PEER_FAILED_VERIFICATION:
            return make(failure_kind::tls,
                        describe_untrusted(peer, number_of(context.easy, CURLINFO_SSL_VERIFYRESULT)));
        case CURLE_SSL_CACERT_BADFILE:
            return make(failure_kind::tls, context.trust == nullptr ? std::string{} : context.trust->complaint());
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_USE_SSL_FAILED:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return make(failure_kind::tls, "the TLS handshake with " + peer + " failed" + system_reason(context.easy));
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:  // an answer without a status line
        case CURLE_BAD_CONTENT_ENCODING:
            return make(failure_kind::protocol, peer + " answered with something that is not HTTP");
        case CURLE_PARTIAL_FILE:
            return make(failure_kind::reset, peer + " ended the connection within its answer");
        case CURLE_HTTP2:  // mostly a farewell (GOAWAY) that refuses what is under way
            return make(failure_kind::reset,
                        "the HTTP/2 connection to " + peer + " ended before its answer was complete");
        case CURLE_HTTP2_STREAM:
            return make(failure_kind::reset, peer + " ended the HTTP/2 stream without a complete answer");
        case CURLE_COULDNT_CONNECT:
            return never_connected(code, context);
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_FAIL_REWIND:
        case CURLE_ABORTED_BY_CALLBACK:
            if (!context.answering) {
                return never_connected(code, context);
            }
            return make(failure_kind::reset,
                        peer + " ended the connection before its answer was complete" + system_reason(context.easy));
        case CURLE_OPERATION_TIMEDOUT:
            return make(failure_kind::timeout_connect, "the connection to " + peer + " could not be made in time");
        default:
            return make(failure_kind::internal, std::string{"libcurl: "} + curl_easy_strerror(code));
    }
}

}  // namespace gateway::net
