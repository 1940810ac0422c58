#include "loop/service_notify.hpp"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gateway::loop {

void service_notify(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof(address.sun_path)) {
        return;
    }
    const auto length = std::strlen(path);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';  // an abstract socket
    }
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return;
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Best effort by design: a service manager that does not listen must not stop the host.
    (void)::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
    ::close(fd);
}

std::optional<std::chrono::milliseconds> service_watchdog_interval() {
    const auto number = [](const char* name) -> std::optional<std::uint64_t> {
        const char* text = std::getenv(name);
        if (text == nullptr) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        const char* end = text + std::strlen(text);
        const auto [stop, error] = std::from_chars(text, end, value);
        return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
    };
    const auto usec = number("WATCHDOG_USEC");
    if (!usec || *usec < 2000) {
        return std::nullopt;
    }
    if (std::getenv("WATCHDOG_PID") != nullptr && number("WATCHDOG_PID") != static_cast<std::uint64_t>(::getpid())) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*usec / 2000);
}

}  // namespace gateway::loop
