#include "loop/service_notify.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using gateway::loop::service_notify;
using gateway::loop::service_watchdog_interval;

// What systemd would be: a datagram socket with an abstract name of its own.
class listener {
public:
    listener() : name_("gateway-notify-test-" + std::to_string(::getpid())) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name_.data(), name_.size());
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        ::setenv("NOTIFY_SOCKET", ("@" + name_).c_str(), 1);
    }
    ~listener() {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(fd_);
    }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    [[nodiscard]] std::string receive() const {
        std::array<char, 256> buffer{};
        const auto got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return got < 0 ? std::string{} : std::string(buffer.data(), static_cast<std::size_t>(got));
    }

private:
    std::string name_;
    int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace

TEST_CASE("service notify: a state reaches the service manager's socket as one datagram") {
    const listener manager;
    service_notify("READY=1");
    CHECK(manager.receive() == "READY=1");
}

TEST_CASE("service notify: nothing happens without a service manager") {
    ::unsetenv("NOTIFY_SOCKET");
    CHECK_NOTHROW(service_notify("READY=1"));
}

TEST_CASE("service notify: the watchdog is fed twice in its interval, and only by the process it is meant for") {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::unsetenv("WATCHDOG_PID");
    CHECK(service_watchdog_interval() == std::chrono::milliseconds{15'000});
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    CHECK(service_watchdog_interval() == std::chrono::milliseconds{15'000});
    ::setenv("WATCHDOG_PID", "1", 1);
    CHECK_FALSE(service_watchdog_interval().has_value());
    ::unsetenv("WATCHDOG_PID");
    ::setenv("WATCHDOG_USEC", "soon", 1);
    CHECK_FALSE(service_watchdog_interval().has_value());
    ::unsetenv("WATCHDOG_USEC");
    CHECK_FALSE(service_watchdog_interval().has_value());
}
