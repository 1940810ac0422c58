// telegram-test-server: the Bot API model as a program, for scripts, clients in other languages and people.
// See README.md here for its flags and its control endpoint.

#include "support/telegram_control.hpp"
#include "support/telegram_h2.hpp"
#include "support/telegram_server.hpp"
#include "support/telegram_webhook_client.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace gateway::test;

struct settings {
    std::uint16_t port = 0;
    std::vector<std::string> tokens;
    bool tls = false;
    bool http2 = false;
    bool stop_on_eof = false;
    bool local = false;
    std::string ca_out;
    double speed = 1.0;
};

constexpr std::string_view usage =
    "usage: telegram-test-server [--port N] [--token ID:SECRET]… [--tls --ca-out FILE] [--http2] [--speed FACTOR] "
    "[--local] [--stop-on-eof]\n";

template <class Number>
bool read_number(std::string_view text, Number& ret_number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ret_number);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

bool read_arguments(const std::vector<std::string_view>& arguments, settings& ret_settings) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto flag = arguments[i];
        if (flag == "--tls") {
            ret_settings.tls = true;
        } else if (flag == "--http2") {
            ret_settings.http2 = true;
        } else if (flag == "--local") {
            ret_settings.local = true;
        } else if (flag == "--stop-on-eof") {
            ret_settings.stop_on_eof = true;
        } else if (++i == arguments.size()) {
            return false;
        } else if (const auto value = arguments[i]; flag == "--port") {
            if (!read_number(value, ret_settings.port)) {
                return false;
            }
        } else if (flag == "--token" && telegram_api::is_token(value)) {
            ret_settings.tokens.emplace_back(value);
        } else if (flag == "--ca-out") {
            ret_settings.ca_out = value;
        } else if (flag == "--speed") {
            if (!read_number(value, ret_settings.speed) || ret_settings.speed <= 0) {
                return false;
            }
        } else {
            return false;
        }
    }
    return ret_settings.tls == !ret_settings.ca_out.empty();
}

// Reads and ignores standard input; its end stops the program.
void watch_input(asio::posix::stream_descriptor& input, std::array<char, 256>& buffer, asio::io_context& io) {
    input.async_read_some(asio::buffer(buffer), [&](const boost::system::error_code& error, std::size_t) {
        error ? io.stop() : watch_input(input, buffer, io);
    });
}

int serve(const settings& wanted) {
    asio::io_context io(1);
    std::optional<asio::ssl::context> tls;
    if (wanted.tls) {
        tls.emplace(make_server_context(wanted.http2 ? "\x02h2" : "\x08http/1.1", wanted.ca_out));
    }
    asio_telegram_clock clock(io, wanted.speed);
    telegram_api api(clock, {.max_log = 200'000, .seed = std::random_device()(), .local = wanted.local});
    api.set_webhook_transport(make_webhook_transport(io));
    telegram_control control(api);
    // With --http2 the control endpoint stays on HTTP/1.1, on a port of its own.
    std::optional<telegram_h2_server> h2;
    if (wanted.http2) {
        h2.emplace(io, api, wanted.port, tls ? &*tls : nullptr);
    }
    telegram_http_server server(io, api, wanted.http2 ? std::uint16_t{0} : wanted.port,
                                tls && !wanted.http2 ? &*tls : nullptr, &control);
    for (const auto& token : wanted.tokens) {
        api.add_bot(token, "test_" + token.substr(0, token.find(':')) + "_bot");
    }
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) {
            io.stop();
        }
    });
    std::array<char, 256> buffer{};
    asio::posix::stream_descriptor input(io);
    if (wanted.stop_on_eof) {
        input.assign(::dup(STDIN_FILENO));
        watch_input(input, buffer, io);
    }
    if (h2) {
        std::cout << "listening on " << h2->url() << "\ncontrol on " << server.url() << std::endl;
    } else {
        std::cout << "listening on " << server.url() << std::endl;
    }
    io.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    settings wanted;
    if (!read_arguments(std::vector<std::string_view>(argv + 1, argv + argc), wanted)) {
        std::cerr << usage;
        return 2;
    }
    try {
        return serve(wanted);
    } catch (const std::exception& error) {
        std::cerr << "telegram-test-server: " << error.what() << '\n';
        return 1;
    }
}
