#include "support/net_http_server.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>

namespace gateway::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

// Lets the coroutine wait for an answer that the handler gives whenever it likes.
struct pending_answer {
    explicit pending_answer(const asio::any_io_executor& executor)
        : given(executor, asio::steady_timer::time_point::max()) {}
    std::optional<test_response> response;
    asio::steady_timer given;
};

template <class Stream>
asio::awaitable<void> converse(Stream& stream, const test_http_server::handler& serve) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(256 * 1024 * 1024);
        co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
        const test_request request = parser.release();
        auto pending = std::make_shared<pending_answer>(stream.get_executor());
        serve(request, [pending](test_response response) {
            pending->response = std::move(response);
            pending->given.cancel();
        });
        if (!pending->response) {
            boost::system::error_code woken;
            co_await pending->given.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        test_response& response = *pending->response;
        response.version(11);
        if (request.method() != http::verb::head) {
            response.prepare_payload();
        }
        const bool last = response.need_eof() || !request.keep_alive();
        http::response_serializer<http::string_body> serializer{response};
        if (request.method() == http::verb::head) {
            co_await http::async_write_header(stream, serializer, asio::use_awaitable);
        } else {
            co_await http::async_write(stream, serializer, asio::use_awaitable);
        }
        if (last) {
            co_return;
        }
    }
}

test_tcp_server::script make_script(test_http_server::handler serve, asio::ssl::context* tls) {
    return [serve = std::move(serve), tls](tcp::socket socket) -> asio::awaitable<void> {
        if (tls == nullptr) {
            co_await converse(socket, serve);
            co_return;
        }
        asio::ssl::stream<tcp::socket> stream{std::move(socket), *tls};
        co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
        co_await converse(stream, serve);
    };
}

}  // namespace

test_response answer(unsigned status, std::string body) {
    test_response response;
    response.result(status);
    response.body() = std::move(body);
    return response;
}

test_http_server::test_http_server(asio::io_context& loop, handler serve, asio::ssl::context* tls)
    : tls_(tls), server_(loop, make_script(std::move(serve), tls)) {}

std::string test_http_server::url(const std::string& target) const {
    return (tls_ == nullptr ? "http://" : "https://") + server_.authority() + target;
}

}  // namespace gateway::test
