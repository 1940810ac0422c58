#pragma once
// A strict model of the Telegram Bot API for tests and benchmarks: requests in, answers out, no sockets. It owns the
// bots, the injected faults and the log of requests. Single-threaded: everything runs on the thread of its front
// ends; telegram_test_server (telegram_server.hpp) carries calls there from a test's thread.
//
// A front end asks on_connection() for each new connection, hands each complete request to handle() and gets exactly
// one answer through `reply`, at once or later, or none: after abandon(), when the model goes away, or when a fault
// says so. Expected failures are Bot API answers; nothing throws.

#include "support/telegram_bot.hpp"
#include "support/telegram_exchange.hpp"
#include "support/telegram_faults.hpp"
#include "support/telegram_params.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

struct logged_request {
    std::uint64_t number = 0;  // counts up over all requests
    telegram_clock::time_point at;
    std::uint64_t connection = 0;
    unsigned http_version = 11;
    std::string http_method;
    std::string token;           // as it was sent, known or not
    std::string method;          // as documented when it is known, else as it was sent; "download" of a file
    boost::json::object params;  // as decoded; values of forms are strings
    std::string malformed;       // what was wrong with the body; a test may insist on ""
    unsigned status = 0;         // of the answer; 0 while there is none
};

struct telegram_api_options {
    std::size_t max_log = 200'000;  // the oldest requests are forgotten
    std::uint64_t seed = 1;         // of the bots' first update ids
    bool local = false;             // as a self-hosted server: webhooks may be plain HTTP, at any address
};

class telegram_api {
public:
    using reply = std::function<void(api_response)>;
    using exchange_id = std::uint64_t;

    // "123456:secret": digits, a colon, something; the real server answers 404 to anything else.
    static bool is_token(std::string_view text);

    explicit telegram_api(telegram_clock& clock, telegram_api_options options = {});
    telegram_api(const telegram_api&) = delete;
    telegram_api& operator=(const telegram_api&) = delete;

    connection_verdict on_connection();
    exchange_id handle(api_request request, reply answer);
    // The client is gone: `reply` is dropped uncalled. A poll stays in place until it ends, as on the real server.
    void abandon(exchange_id id);

    // A first_update_id of 0 means a random one, as the real server starts with.
    // The token must be one (is_token).
    telegram_bot& add_bot(std::string token, std::string username, std::int32_t first_update_id = 0);
    telegram_bot* find_bot(std::string_view token);
    // The token becomes unknown; a waiting poll is answered 401.
    void revoke(std::string_view token);

    // What carries updates to webhooks; without one they wait.
    void set_webhook_transport(webhook_transport transport);
    // Where the host names of webhooks lead to, as telegram_webhook::route, for all bots.
    void route_webhooks(std::uint16_t port);

    telegram_fault_list& faults() { return faults_; }
    const std::deque<logged_request>& requests() const { return log_; }
    // Requests of the method (without case) so far, of all methods when empty; forgotten ones count too.
    std::size_t count_requests(std::string_view method) const;
    // Requests whose answer somebody still waits for.
    std::size_t open_exchanges() const { return open_.size(); }

    telegram_clock& clock() { return clock_; }
    // Called after each request, answer, abandoned request and used-up connection fault, for as long as the model
    // lives.
    void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

private:
    struct parsed_call {
        std::string token;
        std::string method;       // "download" of a file
        std::string file_path{};  // of a download
    };

    static std::optional<parsed_call> parse_path(std::string_view target);
    void log(const api_request& request, exchange_id id, const parsed_call& call, boost::json::object params,
             std::string malformed);
    void run(const api_request& request, const parsed_call& call, const decoded_params& params,
             std::function<void(api_result)> done);
    api_response download(const api_request& request, const parsed_call& call);
    void connect_webhook(telegram_bot& bot);
    // Carries out the method call in a webhook's answer; its result is nobody's to see.
    void run_from_webhook(const std::string& token, const webhook_answer& answer);
    void answer(exchange_id id, api_response response);
    void changed();

    telegram_clock& clock_;
    telegram_api_options options_;
    std::mt19937_64 random_;
    telegram_fault_list faults_;
    std::deque<logged_request> log_;
    std::map<std::string, std::size_t> counts_;  // by method in lower case; unknown ones are counted as ""
    exchange_id next_exchange_ = 1;
    std::map<exchange_id, reply> open_;
    std::vector<std::function<void()>> listeners_;
    webhook_transport transport_;
    std::uint16_t webhook_port_ = 0;
    // Last, because feeds cancel their timers and must not outlive what those use.
    std::map<std::string, std::unique_ptr<telegram_bot>> bots_;
};

// The answer to a call as the real server words it.
api_response to_response(const api_result& result);

}  // namespace gateway::test
