// Tells the service manager how the host is doing: systemd's notification protocol (man sd_notify) over $NOTIFY_SOCKET.
// Does nothing without one. Written here because the protocol is one datagram, and libsystemd costs megabytes.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway::loop {

// "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…"; lines may be joined by newlines. Never blocks or fails.
void service_notify(std::string_view state);

// Half of $WATCHDOG_USEC when it is meant for this process: how often to send "WATCHDOG=1".
std::optional<std::chrono::milliseconds> service_watchdog_interval();

}  // namespace gateway::loop
