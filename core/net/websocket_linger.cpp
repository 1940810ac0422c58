#include "net/websocket_linger.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace gateway::net {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class lingering : public std::enable_shared_from_this<lingering> {
public:
    explicit lingering(tcp::socket socket) : socket_(std::move(socket)), deadline_(socket_.get_executor()) {}

    void begin() {
        error_code failed;
        socket_.shutdown(tcp::socket::shutdown_send, failed);
        if (failed) {
            return;
        }
        deadline_.expires_after(std::chrono::seconds{2});
        deadline_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
            if (const auto late = weak.lock(); late != nullptr && !cancelled) {
                error_code ignored;
                late->socket_.close(ignored);
            }
        });
        discard();
    }

private:
    void discard() {
        socket_.async_read_some(boost::asio::buffer(scratch_),
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    if (!error) {
                                        self->discard();
                                    }
                                });
    }

    tcp::socket socket_;
    boost::asio::steady_timer deadline_;
    std::array<char, 4096> scratch_{};
};

}  // namespace

void linger(tcp::socket socket) {
    std::make_shared<lingering>(std::move(socket))->begin();
}

}  // namespace gateway::net
