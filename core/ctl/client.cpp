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

std::string explain(const std::filesystem::path& socket, const boost::system::error_code& error,
                    std::chrono::milliseconds deadline) {
    namespace errc = boost::system::errc;
    const std::string at = socket.string();
    if (error == asio::error::timed_out) {
        return "the gateway-host at " + at + " does not answer within " + std::to_string(deadline.count() / 1000) +
               " s: it hangs, or has very much to do; its log says more";
    }
    if (error == errc::permission_denied) {
        return "the socket " + at + " may not be opened by this user: run as the user the host runs as, or as root";
    }
    if (error == errc::no_such_file_or_directory || error == errc::not_a_directory) {
        return "there is no socket " + at +
               ": is the host running, and is that its --state-dir? (--socket names another)";
    }
    if (error == errc::connection_refused) {
        return "nobody listens at " + at +
               ": the host that made it is gone, or it is no socket (--socket names another)";
    }
    return "the gateway-host at " + at + " cannot be asked: " + error.message();
}

}  // namespace

std::string percent_encoded(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
        }
    }
    return out;
}

boost::system::result<reply, std::string> ask(const std::filesystem::path& socket, std::string_view method,
                                              std::string_view target, std::chrono::milliseconds deadline) {
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
            // A host that turns us away says why before it hangs up, maybe without having read what we ask.
            if (written && written != asio::error::broken_pipe && written != asio::error::connection_reset) {
                failed = written;
                return;
            }
            http::async_read(peer, buffer, parser, [&](boost::system::error_code read, std::size_t) { failed = read; });
        });
    });
    loop.run_for(deadline);
    if (failed) {
        return explain(socket, failed, deadline);
    }
    return reply{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace gateway::ctl
