#pragma once
// Time for the Bot API model: a real clock on an io_context, optionally faster than real time, and a manual one for
// tests without waiting. Single-threaded: used only from the thread that runs the model. A callback runs at most
// once; a cancelled one never runs.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace gateway::test {

class telegram_clock {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    using timer_id = std::uint64_t;

    telegram_clock() = default;
    telegram_clock(const telegram_clock&) = delete;
    telegram_clock& operator=(const telegram_clock&) = delete;
    virtual ~telegram_clock() = default;

    virtual time_point now() const = 0;
    virtual std::int64_t unix_time_s() const = 0;
    virtual timer_id call_at(time_point when, std::function<void()> callback) = 0;
    virtual void cancel(timer_id id) = 0;
};

class manual_telegram_clock final : public telegram_clock {
public:
    time_point now() const override { return now_; }
    std::int64_t unix_time_s() const override;
    timer_id call_at(time_point when, std::function<void()> callback) override;
    void cancel(timer_id id) override;

    // Runs what falls due, in order of time, each with the clock at its own time.
    void advance(duration by);
    std::size_t pending() const { return timers_.size(); }

private:
    time_point now_{};
    timer_id next_id_ = 1;
    std::map<std::pair<time_point, timer_id>, std::function<void()>> timers_;
};

class asio_telegram_clock final : public telegram_clock {
public:
    // With a speed of 10 the model's second lasts a tenth of a real one.
    explicit asio_telegram_clock(boost::asio::io_context& io, double speed = 1.0);

    time_point now() const override;
    std::int64_t unix_time_s() const override;
    timer_id call_at(time_point when, std::function<void()> callback) override;
    void cancel(timer_id id) override;

private:
    struct timer {
        boost::asio::steady_timer wait;
        std::function<void()> callback;
    };

    boost::asio::io_context& io_;
    double speed_;
    time_point started_;
    std::int64_t started_unix_s_;
    timer_id next_id_ = 1;
    std::map<timer_id, timer> timers_;
};

}  // namespace gateway::test
