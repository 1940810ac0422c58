// The whole way against telegram-test-api, a Telegram server that is not ours, run by Node.

#include "telegram_rig.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace gateway::test;

namespace {

// tests/grammy/third-party-server.mjs in a child process; a command is a line, and so is its answer.
class third_party_server {
public:
    static constexpr std::chrono::seconds patience{30};

    explicit third_party_server(const char* token) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
        REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::dup2(in[0], STDIN_FILENO);
            ::dup2(out[1], STDOUT_FILENO);
            ::close_range(STDERR_FILENO + 1, ~0U, 0);
            ::execl(GATEWAY_NODE, GATEWAY_NODE, GATEWAY_THIRD_PARTY_SERVER, token, nullptr);
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        to_ = in[1];
        from_ = out[0];
        url_ = read_line();
    }

    ~third_party_server() {
        ::close(to_);
        ::close(from_);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    third_party_server(const third_party_server&) = delete;
    third_party_server& operator=(const third_party_server&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

    std::string ask(const std::string& command) {
        const auto line = command + "\n";
        REQUIRE(::write(to_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
        return read_line();
    }

private:
    std::string read_line() {
        using clock = std::chrono::steady_clock;
        const auto deadline = clock::now() + patience;
        while (true) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                auto line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
            pollfd ready{.fd = from_, .events = POLLIN, .revents = 0};
            const bool more = left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
            REQUIRE_MESSAGE(more, "the server that is not ours did not answer in time");
            std::array<char, 4096> part{};
            const auto got = ::read(from_, part.data(), part.size());
            REQUIRE_MESSAGE(got > 0, "the server that is not ours has ended");
            buffer_.append(part.data(), static_cast<std::size_t>(got));
        }
    }

    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::string buffer_;
    std::string url_;
};

}  // namespace

TEST_CASE("telegram: with a server that is not ours, what users say is echoed to them") {
    third_party_server server(bot_token);
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.install(GATEWAY_TELEGRAM_MODULE);
    host.configure(bot_table("tg", bot_token, server.url()) + echo_tables());
    host.start();
    host.wait_for_line({"online", "instance=tg", "account="});
    for (const auto& [chat, text] : {std::pair{"7", "hello"}, {"8", "Grüße, 世界 🎉"}, {"7", "hello again"}}) {
        CHECK(server.ask(std::string("say ") + chat + " " + text) == "ok");
    }
    const auto sent = boost::json::parse(server.ask("wait 3")).as_array();
    REQUIRE(sent.size() == 3);
    std::string chat_7;
    std::string chat_8;
    for (const auto& each : sent) {
        const auto& message = each.as_object();
        (message.at("chat_id").to_number<int>() == 7 ? chat_7 : chat_8) += text_of(message, "text") + ";";
    }
    CHECK(chat_7 == "hello;hello again;");
    CHECK(chat_8 == "Grüße, 世界 🎉;");
    CHECK(number_of(host.adapter("tg"), "incarnation") == 1);
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
}
