// The timers of all instances on one alarm.
//
// Loop thread. A timer costs 32 bytes beside the instance's own operation entry. Bounds: 64 an instance, 30 days.
#pragma once

#include "instance/record.hpp"
#include "loop/time_source.hpp"
#include "reconnect/deadline_queue.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace gateway::instance {

class instance_host;

class timer_service {
public:
    static constexpr std::size_t max_timers = 64;                                      // an instance
    static constexpr std::int64_t max_delay_ms = std::int64_t{30} * 24 * 3600 * 1000;  // 30 days

    explicit timer_service(instance_host& host);

    gw_status start(key from, record& of, std::uint64_t op, std::int64_t delay_ms);
    void cancel(key from, const operation& pending);
    void drop(std::uint64_t handle);

private:
    struct timer {
        key to;
        std::uint64_t op = 0;
    };

    void ring();

    instance_host& host_;
    std::vector<timer> timers_;  // by handle
    std::vector<std::uint32_t> free_;
    reconnect::deadline_queue deadlines_;
    std::unique_ptr<loop::alarm> alarm_;
};

}  // namespace gateway::instance
