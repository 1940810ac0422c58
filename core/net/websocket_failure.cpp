#include "net/websocket_failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

#include <utility>

namespace gateway::net {

namespace {

failure make(failure_kind kind, std::string text, int http_status = 0) {
    return {kind, request_written::maybe, http_status, std::move(text)};
}

bool is_end(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::timed_out || error == asio::ssl::error::stream_truncated ||
           error == http::error::end_of_stream || error == http::error::partial_message;
}

}  // namespace

failure describe_upgrade(const error_code& error, const websocket_answer& answer, const std::string& peer) {
    using verdict = websocket_answer::verdict;
    switch (answer.judgement()) {
        case verdict::refused:
            return make(failure_kind::upgrade_refused,
                        peer + " answered " + std::to_string(answer.status()) + " to the request for a WebSocket",
                        answer.status());
        case verdict::not_http:
            return make(failure_kind::protocol, peer + " answered with something that is not HTTP");
        case verdict::too_large:
            return make(failure_kind::header_too_large, peer + " answered with more than " +
                                                            std::to_string(websocket_answer::max_head_bytes) +
                                                            " bytes of headers");
        case verdict::incomplete:
        case verdict::upgraded:
            break;
    }
    return make(is_end(error) ? failure_kind::reset : failure_kind::protocol,
                "the WebSocket handshake with " + peer + " failed: " + error.message());
}

failure describe_loss(const error_code& error, const std::string& peer, const websocket_request& limits) {
    if (error == beast::error::timeout) {
        return make(failure_kind::timeout_idle,
                    peer + " sent nothing for " + std::to_string(limits.idle_timeout.count()) + " ms");
    }
    if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
        return make(failure_kind::body_too_large, peer + " sent a message of more than " +
                                                      std::to_string(limits.max_message_bytes) +
                                                      " bytes; the WebSocket was closed with 1009");
    }
    const bool transport = is_end(error) || error.category() == boost::system::system_category() ||
                           error.category() == asio::error::get_misc_category();
    if (!transport) {
        return make(failure_kind::protocol, peer + " broke the WebSocket protocol: " + error.message());
    }
    return make(failure_kind::reset, "the WebSocket to " + peer + " was lost: " + error.message());
}

failure describe_late_close(const std::string& peer, const websocket_request& limits) {
    return make(failure_kind::timeout_close,
                peer + " did not close the WebSocket within " + std::to_string(limits.close_timeout.count()) + " ms");
}

}  // namespace gateway::net
