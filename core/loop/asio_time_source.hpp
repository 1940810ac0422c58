// The system's clocks, with alarms on an Asio loop.
#pragma once

#include "loop/time_source.hpp"

#include <boost/asio/io_context.hpp>

namespace gateway::loop {

class asio_time_source final : public time_source {
public:
    explicit asio_time_source(boost::asio::io_context& io) : io_(io) {}
    [[nodiscard]] time_point now() const override;
    [[nodiscard]] std::int64_t unix_ms() const override;
    [[nodiscard]] std::unique_ptr<alarm> make_alarm(std::function<void()> ring) override;

private:
    boost::asio::io_context& io_;
};

}  // namespace gateway::loop
