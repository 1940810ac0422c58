#include "support/telegram_clock.hpp"

namespace gateway::test {
namespace {

constexpr std::int64_t manual_start_unix_s = 1'700'000'000;

}  // namespace

std::int64_t manual_telegram_clock::unix_time_s() const {
    return manual_start_unix_s + std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count();
}

telegram_clock::timer_id manual_telegram_clock::call_at(time_point when, std::function<void()> callback) {
    const auto id = next_id_++;
    timers_.emplace(std::pair(when, id), std::move(callback));
    return id;
}

void manual_telegram_clock::cancel(timer_id id) {
    std::erase_if(timers_, [id](const auto& entry) { return entry.first.second == id; });
}

void manual_telegram_clock::advance(duration by) {
    const auto until = now_ + by;
    while (!timers_.empty() && timers_.begin()->first.first <= until) {
        auto due = timers_.extract(timers_.begin());
        now_ = std::max(now_, due.key().first);
        due.mapped()();
    }
    now_ = until;
}

asio_telegram_clock::asio_telegram_clock(boost::asio::io_context& io, double speed)
    : io_(io),
      speed_(speed),
      started_(std::chrono::steady_clock::now()),
      started_unix_s_(
          std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()) {}

telegram_clock::time_point asio_telegram_clock::now() const {
    const auto real = std::chrono::steady_clock::now() - started_;
    return started_ + std::chrono::duration_cast<duration>(real * speed_);
}

std::int64_t asio_telegram_clock::unix_time_s() const {
    return started_unix_s_ + std::chrono::duration_cast<std::chrono::seconds>(now() - started_).count();
}

telegram_clock::timer_id asio_telegram_clock::call_at(time_point when, std::function<void()> callback) {
    const auto id = next_id_++;
    auto& added = timers_.emplace(id, timer{boost::asio::steady_timer(io_), std::move(callback)}).first->second;
    added.wait.expires_at(started_ + std::chrono::duration_cast<duration>((when - started_) / speed_));
    added.wait.async_wait([this, id](const boost::system::error_code& error) {
        if (error) {
            return;  // cancelled; the clock itself may be gone
        }
        if (auto due = timers_.extract(id)) {
            due.mapped().callback();
        }
    });
    return id;
}

void asio_telegram_clock::cancel(timer_id id) {
    timers_.erase(id);
}

}  // namespace gateway::test
