// TCP connections for those who speak their own protocol: name resolution off the loop, both address families tried,
// HTTP (CONNECT) and SOCKS5 proxies. All of it is libcurl's, so that there is one way to connect.
//
// Threads    the loop's thread; the handler is never called from within dial().
// Ownership  the socket is the handler's. Destroying the attempt gives it up silently.
// Errors     resolve, connect, proxy; nothing of a request is written here.
// Bounds     no deadline of its own: the caller gives up when it has waited enough.
#pragma once

#include "net/curl_loop.hpp"
#include "net/failure.hpp"
#include "net/settings.hpp"
#include "net/url.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <memory>
#include <string>

namespace gateway::net {

class dial_attempt {
public:
    virtual ~dial_attempt() = default;
};

class tcp_dialler {
public:
    using result = boost::system::result<boost::asio::ip::tcp::socket, failure>;
    using handler = std::function<void(result)>;

    tcp_dialler(boost::asio::io_context& loop, net_settings settings);

    // `proxy`: checked by complaint_about_proxy(); empty: direct. Null: libcurl cannot be used, and nothing follows.
    std::unique_ptr<dial_attempt> dial(const url_parts& target, const std::string& proxy, handler done);

private:
    boost::asio::io_context& loop_;
    net_settings settings_;
    std::shared_ptr<curl_loop> curl_;
};

}  // namespace gateway::net
