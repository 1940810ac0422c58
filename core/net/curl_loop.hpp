// libcurl's multi interface on an Asio loop: libcurl says which sockets and which time it waits for, the
// loop tells it when they are ready, and transfers hear when they are done.
//
// Threads    the loop's thread only. add() and remove() must not be called from within a libcurl callback.
// Ownership  transfers own their easy handles and remove() them before they free them; the descriptors
//            stay libcurl's and are only lent to the reactor.
// Cost       nothing runs while nothing is due: no polling, no periodic timer.
#pragma once

#include "net/settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace gateway::net {

// What an easy handle's CURLOPT_PRIVATE points to.
class curl_transfer {
public:
    // From the loop, outside libcurl: the handle may be removed.
    virtual void on_curl_done(CURLcode code) = 0;

protected:
    ~curl_transfer() = default;
};

class curl_loop : public std::enable_shared_from_this<curl_loop> {
public:
    // Initialises libcurl when it is the first of the process. Null: libcurl cannot start.
    static std::shared_ptr<curl_loop> make(boost::asio::io_context& loop, const net_settings& settings);
    ~curl_loop();
    curl_loop(const curl_loop&) = delete;
    curl_loop& operator=(const curl_loop&) = delete;

    // Sets what every transfer of the project has in common: no signals, protocols, keep-alive, no proxy from
    // the environment, no waiting for a resolver thread at removal, TLS sessions shared.
    CURLcode prepare(CURL* easy, curl_transfer& transfer);
    bool add(CURL* easy);
    void remove(CURL* easy);

    // libcurl 7.88 forgets, and no socket reports, what its HTTP/2 has read but could not hand over when more than a
    // transfer's buffer came at once (README.md, "HTTP/2 in libcurl 7.88"). Called from within a callback, this has
    // libcurl look once more into every connection soon.
    void look_again() noexcept { look_again_ = true; }
    // Counts libcurl's turns: what two callbacks of one turn received, came at once.
    std::uint64_t turn() const noexcept { return turn_; }

private:
    class watch;
    struct private_tag {};

public:
    curl_loop(private_tag, boost::asio::io_context& loop, const net_settings& settings);

private:
    static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* known);
    static int on_timer(CURLM* multi, long timeout_ms, void* self);
    static int on_new_socket(void* self, curl_socket_t fd, curlsocktype purpose);
    void configure();
    void act(curl_socket_t fd, int events);
    void look_at_all();

    boost::asio::io_context& loop_;
    net_settings settings_;
    boost::asio::steady_timer timer_;
    CURLM* multi_ = nullptr;
    CURLSH* share_ = nullptr;
    std::unordered_map<curl_socket_t, std::shared_ptr<watch>> watches_;
    std::uint64_t turn_ = 0;
    bool look_again_ = false;
};

}  // namespace gateway::net
