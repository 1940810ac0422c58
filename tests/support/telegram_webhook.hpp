#pragma once
// One bot's webhook: posts the updates to it as the platform does, in order per chat, several chats at a time, with the
// secret in its header; an answer that is not 2xx, or none within a minute, means again, after a pause that grows. What
// was answered 2xx is forgotten, and a method call in such an answer is carried out. No sockets: a transport carries
// the posts. Single-threaded; borrows the clock and the feed, which outlive it.
// Bounds: max_connections posts at a time, of the first 2 * max_connections updates that are pending.
//
//                         2xx                                  expired (24 h)
//   pending ──▶ posted ─────────▶ forgotten        waiting ─────────────────────▶ forgotten
//                  │ anything else, or 60 s            ▲ │ the pause is over: 0, 2, 4 … 60–120 s, or Retry-After
//                  └───────────────────────────────────┘ └──▶ posted

#include "support/telegram_exchange.hpp"
#include "support/telegram_updates.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

namespace gateway::test {

struct webhook_post {
    std::string url;
    http_headers headers;  // without Host, Content-Length and Connection
    std::string body;
    std::uint16_t port = 0;  // of 127.0.0.1, where the URL's host leads to; 0: where the URL says
};

struct webhook_answer {
    unsigned status = 0;  // 0: none came
    std::string reason;   // of the status; or why none came
    http_headers headers;
    std::string body;
};

// Carries a post out and calls back once, later; what it returns gives the post up, then nothing is called.
using webhook_transport =
    std::function<std::function<void()>(webhook_post post, std::function<void(webhook_answer)> done)>;

struct webhook_settings {
    std::string url;  // empty: none is set
    std::string secret_token{};
    int max_connections = 40;
};

class telegram_webhook {
public:
    static constexpr std::chrono::seconds answer_within{60};
    static constexpr int max_connections = 100;

    telegram_webhook(telegram_clock& clock, telegram_update_feed& feed, std::uint64_t seed);
    ~telegram_webhook();
    telegram_webhook(const telegram_webhook&) = delete;
    telegram_webhook& operator=(const telegram_webhook&) = delete;

    // `answered` is told of each answer, 2xx or not, and carries out the method call in it. Without a transport nothing
    // is posted.
    void connect(webhook_transport transport, std::function<void(const webhook_answer&)> answered);
    // The host names of webhooks lead to this port, as if a reverse proxy were there. 0: to where the URL says.
    void route(std::uint16_t port) { port_ = port; }

    void set(webhook_settings settings);
    void remove() { set({}); }
    const webhook_settings& settings() const { return settings_; }
    bool is_set() const { return !settings_.url.empty(); }
    boost::json::object info() const;  // WebhookInfo

    std::size_t posting() const { return in_flight_.size(); }

private:
    struct attempt {
        std::int64_t delay_s = 1;
        int failures = 0;
        telegram_clock::time_point not_before{};
    };
    struct flight {
        std::string lane;
        std::function<void()> give_up;
        telegram_clock::timer_id timer;
    };

    void pump();
    void post(const telegram_update_feed::update& update, std::string lane);
    void finish(std::int32_t id, const webhook_answer& answer);
    void fail(std::int32_t id, std::string text, std::int64_t retry_after_s);
    void stop_all();

    telegram_clock& clock_;
    telegram_update_feed& feed_;
    std::mt19937_64 random_;
    webhook_transport transport_;
    std::function<void(const webhook_answer&)> answered_;
    webhook_settings settings_;
    std::uint16_t port_ = 0;
    std::map<std::int32_t, attempt> attempts_;  // of those that failed
    std::map<std::int32_t, flight> in_flight_;
    std::set<telegram_clock::timer_id> pauses_;
    std::int64_t last_error_unix_s_ = 0;
    std::string last_error_;
    bool is_pumping_ = false;
};

}  // namespace gateway::test
