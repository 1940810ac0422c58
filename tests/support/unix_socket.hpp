// A client of a Unix socket that says exactly what it is told to: for what no well-behaved library would send.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace gateway::test {

inline sockaddr_un unix_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    REQUIRE(text.size() < sizeof(address.sun_path));
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

class unix_socket {
public:
    explicit unix_socket(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        REQUIRE(fd_ >= 0);
        const timeval patience{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        const auto address = unix_address(path);
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    ~unix_socket() { ::close(fd_); }
    unix_socket(unix_socket&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
    unix_socket(const unix_socket&) = delete;
    unix_socket& operator=(const unix_socket&) = delete;

    // As much as the peer takes before it hangs up.
    void send(std::string_view text) const {
        while (!text.empty()) {
            const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Says that no more will be sent.
    void finish() const { ::shutdown(fd_, SHUT_WR); }

    [[nodiscard]] std::string receive_all() const { return receive({"\0", 1}); }

    // Until `end` was received, or the peer hung up.
    [[nodiscard]] std::string receive(std::string_view end) const {
        std::string all;
        std::array<char, 4096> buffer{};
        while (all.find(end) == std::string::npos) {
            const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
            if (got <= 0) {
                break;
            }
            all.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

private:
    int fd_;
};

}  // namespace gateway::test
