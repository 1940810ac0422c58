// A Telegram bot at home: the test server, the real host with the modules, an echo on the other end of the route.
//
//   server (its own thread) ◀── HTTP ──▶ gateway-host (a child): instance "tg" ──▶ route ──▶ instance "echo"
//
// Used from the test's thread. Each wait has a deadline (`patience`) and fails the test when it passes.
#pragma once

#include "support/host_process.hpp"
#include "support/telegram_server.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

inline constexpr const char* bot_token = "4242:AAE-integration_Secret-0123456789abc";

// Retries in an instant, so that a test sees many.
inline constexpr const char* fast_reconnects =
    "[reconnect]\ninitial = \"20ms\"\nmax = \"20ms\"\njitter = 0.0\nquick = [\"0s\"]\nmax_attempts = 0\n";

// `[adapters.NAME]` of a bot, with its token and the server, and `more` lines.
std::string bot_table(std::string_view name, std::string_view token, std::string_view api_root,
                      std::string_view more = {});
// The stub that echoes, and the route to it from all chats of Telegram.
std::string echo_tables();

// For what the platform times: its seconds last one.
inline const telegram_test_server_options real_time{};

class telegram_rig {
public:
    static constexpr std::chrono::seconds patience{20};

    // At 20 times real time the platform's holds of 3 s are short, and polls last 2.5 s.
    explicit telegram_rig(telegram_test_server::options settings = {.speed = 20.0});

    // `top` comes before the tables, `more` into tg's.
    void configure(std::string_view top = {}, std::string_view more = {});
    // Starts the host at debug level; returns when tg's first waiting poll is with the server.
    void start_online();
    void start();

    said user_says(std::int64_t chat, std::string_view text, const say_options& how = {});
    // What the bot has sent once these are so many.
    sent_log wait_for_sent(std::size_t count);
    void wait_for_poll();
    // Says so in chat 7, and waits for the echo as the `count`th message sent: the whole way works.
    void talk(std::string_view text, std::size_t count = 1);
    // The requests of a method so far, and the wait for them.
    std::vector<logged_request> requests_of(std::string_view method);
    void wait_for_requests(std::string_view method, std::size_t count);

    // Once the failure is reported; returns the log's line.
    std::string wait_for_failure(std::string_view state, std::string_view cls, std::string_view code);
    std::int64_t counter(std::string_view group, std::string_view name) const;

    telegram_test_server server;
    host_process host;
};

std::string text_of(const boost::json::object& from, std::string_view name);
std::int64_t number_of(const boost::json::object& from, std::string_view name);
// The number after "NAME=" in a log line.
std::int64_t field_of(std::string_view line, std::string_view name);

}  // namespace gateway::test
