#include "instance/timer_service.hpp"

#include "instance/instance_host.hpp"

#include <chrono>
#include <optional>

namespace gateway::instance {
namespace {

reconnect::slot_id place(std::uint64_t handle) {
    return reconnect::slot_id{static_cast<std::uint32_t>(handle)};
}

}  // namespace

timer_service::timer_service(instance_host& host)
    : host_(host), alarm_(host.with().time.make_alarm([this] { ring(); })) {}

gw_status timer_service::start(key from, record& of, std::uint64_t op, std::int64_t delay_ms) {
    if (const auto status = host_.start_operation(of, op); status != GW_OK) {
        return status;
    }
    if (delay_ms < 0 || delay_ms > max_delay_ms) {
        host_.complain(of, "a timer's delay is negative or longer than 30 days");
        return GW_ERR_INVALID;
    }
    if (of.count(operation_kind::timer) >= max_timers || (free_.empty() && timers_.size() >= reconnect::max_slots)) {
        return GW_ERR_LIMIT;
    }
    std::uint32_t handle = 0;
    if (free_.empty()) {
        handle = static_cast<std::uint32_t>(timers_.size());
        timers_.push_back({from, op});
    } else {
        handle = free_.back();
        free_.pop_back();
        timers_[handle] = {from, op};
    }
    of.operations.push_back({op, handle, operation_kind::timer});
    deadlines_.set(place(handle), host_.with().time.now() + std::chrono::milliseconds(delay_ms));
    alarm_->set(deadlines_.next_deadline());
    return GW_OK;
}

void timer_service::cancel(key from, const operation& pending) {
    const auto op = pending.op;
    drop(pending.handle);
    host_.complete(from, op, plain_call{GW_COMPLETION_TIMER, op, GW_ERR_CANCELLED});
}

void timer_service::drop(std::uint64_t handle) {
    deadlines_.clear(place(handle));
    free_.push_back(static_cast<std::uint32_t>(handle));
    alarm_->set(deadlines_.empty() ? std::nullopt : std::optional(deadlines_.next_deadline()));
}

void timer_service::ring() {
    const auto now = host_.with().time.now();
    while (!deadlines_.empty() && deadlines_.next_deadline() <= now) {
        const auto handle = static_cast<std::uint32_t>(deadlines_.next_slot());
        deadlines_.clear(place(handle));
        free_.push_back(handle);
        const auto [to, op] = timers_[handle];
        host_.complete(to, op, plain_call{GW_COMPLETION_TIMER, op, GW_OK});
    }
    alarm_->set(deadlines_.empty() ? std::nullopt : std::optional(deadlines_.next_deadline()));
}

}  // namespace gateway::instance
