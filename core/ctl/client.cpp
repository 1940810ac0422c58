#include "ctl/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <sys/un.h>

namespace gateway::ctl {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t max_answer_bytes = std::uint64_t{256} << 20U;  // ten thousands of instances and chats

std::string explain(const std::filesystem::path& socket, const boost::system::error_code& error) {
    std::string sentence = "cannot reach a gateway-host at " + socket.string() + ": " + error.message();
    if (error == boost::system::errc::permission_denied) {
        sentence += "; run as the user the host runs as, or as root";
    } else if (error == boost::system::errc::no_such_file_or_directory ||
               error == boost::system::errc::connection_refused) {
        sentence += "; is it running, and is that its --state-dir? (--socket names another)";
    }
    return sentence;
}

}  // namespace

boost::system::result<reply, std::string> ask(const std::filesystem::path& socket, std::string_view method,
                                              std::string_view target, std::chrono::seconds deadline) {
    if (socket.string().size() >= sizeof(sockaddr_un::sun_path)) {
        return socket.string() + " is longer than a Unix socket's path may be (107 bytes)";
    }
    asio::io_context loop;
    asio::local::stream_protocol::socket peer(loop);
    boost::beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    request.method_string(boost::beast::string_view(method.data(), method.size()));
    request.target(boost::beast::string_view(target.data(), target.size()));
    request.version(11);
    request.set(http::field::host, "gateway-host");
    request.keep_alive(false);
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_answer_bytes);

    boost::system::error_code failed = asio::error::timed_out;
    peer.async_connect(socket.string(), [&](boost::system::error_code error) {
        if (error) {
            failed = error;
            return;
        }
        http::async_write(peer, request, [&](boost::system::error_code written, std::size_t) {
            if (written) {
                failed = written;
                return;
            }
            http::async_read(peer, buffer, parser, [&](boost::system::error_code read, std::size_t) { failed = read; });
        });
    });
    loop.run_for(deadline);
    if (failed) {
        return explain(socket, failed);
    }
    return reply{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace gateway::ctl
