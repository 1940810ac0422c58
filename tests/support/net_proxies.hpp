// Two small proxies on loopback: HTTP (CONNECT, and plain requests that it answers itself) and SOCKS5.
// Every name is 127.0.0.1 to them.
#pragma once

#include "support/net_tcp_server.hpp"

#include <string>
#include <vector>

namespace gateway::test {

class test_http_proxy {
public:
    // With `refuse`, CONNECT is answered by 403. Plain requests are answered by 200 "by the proxy".
    explicit test_http_proxy(boost::asio::io_context& loop, bool refuse = false);

    std::string url() const { return "http://user:pass@" + server_.authority(); }
    std::string authority() const { return server_.authority(); }
    const std::vector<std::string>& heads() const { return heads_; }  // of the requests it was sent

private:
    std::vector<std::string> heads_;
    test_tcp_server server_;
};

class test_socks_proxy {
public:
    // With `reply` other than 0 every request is refused by that code.
    explicit test_socks_proxy(boost::asio::io_context& loop, char reply = 0);

    std::string url(const std::string& scheme) const { return scheme + "://" + server_.authority(); }
    const std::vector<std::string>& names() const { return names_; }  // hosts asked for: a name, or "address"

private:
    std::vector<std::string> names_;
    test_tcp_server server_;
};

}  // namespace gateway::test
