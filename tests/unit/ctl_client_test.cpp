// What gatewayctl says when there is nobody to ask, and how it writes a name into an address.

#include "ctl/client.hpp"
#include "support/temporary_directory.hpp"
#include "support/unix_socket.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using gateway::ctl::ask;
using gateway::ctl::percent_encoded;
using gateway::test::temporary_directory;

// A socket that listens and takes no connection by itself.
class listener {
public:
    explicit listener(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto address = gateway::test::unix_address(path);
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        REQUIRE(::listen(fd_, 4) == 0);
    }
    ~listener() { ::close(fd_); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    // Turns the next client away with these words, without reading what it asks.
    void turn_away(const std::string& words) const {
        const int client = ::accept(fd_, nullptr, nullptr);
        (void)::send(client, words.data(), words.size(), MSG_NOSIGNAL);
        ::close(client);
    }

private:
    int fd_;
};

std::string complaint(const std::filesystem::path& socket,
                      std::chrono::milliseconds deadline = std::chrono::seconds{10}) {
    const auto answer = ask(socket, "GET", "/v1/adapters", deadline);
    REQUIRE(answer.has_error());
    INFO(answer.error());
    CHECK(answer.error().find(socket.string()) != std::string::npos);
    return answer.error();
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ctl: an absent socket, one that nobody listens at and one too long are told apart") {
    const temporary_directory directory;
    CHECK(has(complaint(directory.path() / "none.sock"), "there is no socket"));
    CHECK(has(complaint(directory.path() / "none" / "x.sock"), "is the host running"));
    {
        const listener dead(directory.path() / "dead.sock");
    }
    CHECK(has(complaint(directory.path() / "dead.sock"), "nobody listens at"));
    directory.file("file", "");
    CHECK(has(complaint(directory.path() / "file"), "nobody listens at"));
    CHECK(has(complaint("/" + std::string(200, 'x')), "longer than a Unix socket's path"));
}

TEST_CASE("ctl: a host that does not answer is said to hang, within the deadline") {
    const temporary_directory directory;
    const listener silent(directory.path() / "silent.sock");
    CHECK(has(complaint(directory.path() / "silent.sock", std::chrono::milliseconds{50}), "does not answer within"));
}

TEST_CASE("ctl: a host that turns us away before it reads is heard all the same") {
    const temporary_directory directory;
    const listener busy(directory.path() / "busy.sock");
    std::thread host([&] {
        busy.turn_away("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno\n");
    });
    const auto answer = ask(directory.path() / "busy.sock", "GET", "/" + std::string(1'000'000, 'x'));
    host.join();
    INFO((answer.has_error() ? answer.error() : ""));
    REQUIRE(answer.has_value());
    CHECK((*answer).status == 503);
    CHECK((*answer).body == "no\n");
}

TEST_CASE("ctl: a socket of another user says as whom to run") {
    if (::geteuid() != 0) {
        MESSAGE("only root can become another user");
        return;
    }
    const temporary_directory directory;
    const auto path = directory.path() / "control.sock";
    const listener host(path);
    std::filesystem::permissions(directory.path(), std::filesystem::perms{0755});
    std::filesystem::permissions(path, std::filesystem::perms{0600});
    const pid_t child = ::fork();
    if (child == 0) {
        const bool dropped = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const auto answer = ask(path, "GET", "/v1/adapters");
        ::_exit(dropped && answer.has_error() && has(answer.error(), "run as the user the host runs as") ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("ctl: a name is one part of an address, whatever it holds") {
    CHECK(percent_encoded("tg-1_a.b~C") == "tg-1_a.b~C");
    CHECK(percent_encoded("a/b ?#%\n") == "a%2Fb%20%3F%23%25%0A");
    CHECK(percent_encoded("\xC3\xA9") == "%C3%A9");
    CHECK(percent_encoded("").empty());
}
