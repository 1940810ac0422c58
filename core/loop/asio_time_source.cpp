#include "loop/asio_time_source.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace gateway::loop {
namespace {

class asio_alarm final : public alarm {
public:
    asio_alarm(boost::asio::io_context& io, std::function<void()> ring)
        : timer_(io), ring_(std::make_shared<std::function<void()>>(std::move(ring))) {}

    void set(std::optional<time_point> when) override {
        if (when == set_to_) {
            return;
        }
        set_to_ = when;
        if (!when) {
            timer_.cancel();
            return;
        }
        timer_.expires_at(*when);
        // A wait that had already completed when the alarm was set anew arrives with an old sequence number.
        timer_.async_wait(
            [this, sequence = ++sequence_, alive = std::weak_ptr(ring_)](boost::system::error_code error) {
                const auto ring = alive.lock();
                if (!ring || error || sequence != sequence_ || !set_to_) {
                    return;
                }
                set_to_.reset();
                (*ring)();
            });
    }

private:
    boost::asio::steady_timer timer_;
    std::shared_ptr<std::function<void()>> ring_;
    std::optional<time_point> set_to_;
    std::uint64_t sequence_ = 0;
};

}  // namespace

time_point asio_time_source::now() const {
    return std::chrono::steady_clock::now();
}

std::int64_t asio_time_source::unix_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::unique_ptr<alarm> asio_time_source::make_alarm(std::function<void()> ring) {
    return std::make_unique<asio_alarm>(io_, std::move(ring));
}

}  // namespace gateway::loop
