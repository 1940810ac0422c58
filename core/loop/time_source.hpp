// Where the host's time comes from: the system's clocks on the event loop, or a manual clock in tests and simulations.
//
// Used on the loop thread only. An alarm is owned by whoever made it and must die before its time source.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace gateway::loop {

using time_point = std::chrono::steady_clock::time_point;

// Rings once at the point it was set to, never inside `set`; setting it again replaces the point, nullopt silences it.
class alarm {
public:
    alarm() = default;
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    virtual ~alarm() = default;
    virtual void set(std::optional<time_point> when) = 0;
};

class time_source {
public:
    time_source() = default;
    time_source(const time_source&) = delete;
    time_source& operator=(const time_source&) = delete;
    virtual ~time_source() = default;
    [[nodiscard]] virtual time_point now() const = 0;
    [[nodiscard]] virtual std::int64_t unix_ms() const = 0;
    [[nodiscard]] virtual std::unique_ptr<alarm> make_alarm(std::function<void()> ring) = 0;
};

}  // namespace gateway::loop
