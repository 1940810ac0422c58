#pragma once
// The control endpoint of the test server: /control/VERB, with parameters as in the Bot API (a JSON object, a form or
// a query string), so that scripts and people play the users, inject faults and look at what happened. Answers have
// the Bot API's shape. A verb that waits takes `timeout_ms`, in the model's time. The verbs are listed in README.md.
// Single-threaded, like the model it borrows.

#include "support/telegram_api.hpp"
#include "support/telegram_params.hpp"

#include <functional>
#include <list>

namespace gateway::test {

class telegram_control {
public:
    using reply = std::function<void(api_response)>;

    static constexpr std::size_t max_waiting = 1000;

    explicit telegram_control(telegram_api& api);
    ~telegram_control();
    telegram_control(const telegram_control&) = delete;
    telegram_control& operator=(const telegram_control&) = delete;

    void handle(api_request request, reply answer);

private:
    struct waiter {
        std::function<bool()> holds;
        std::function<void(bool met)> finish;
        telegram_clock::timer_id timer;
    };
    struct verb {
        std::string_view name;
        std::vector<param_spec> params;
        api_result (telegram_control::*run)(const checked_params& params);
    };

    static const std::vector<verb>& verbs();

    telegram_bot* bot(const checked_params& params) { return api_.find_bot(params.string("token")); }

    api_result add_bot(const checked_params& params);
    api_result revoke(const checked_params& params);
    api_result add_chat(const checked_params& params);
    api_result say(const checked_params& params);
    api_result edit(const checked_params& params);
    api_result click(const checked_params& params);
    api_result update(const checked_params& params);
    api_result renumber(const checked_params& params);
    api_result clear_faults(const checked_params& params);
    api_result sent(const checked_params& params);
    api_result requests(const checked_params& params);
    api_result state(const checked_params& params);

    api_result fault(std::string_view body);
    void wait(std::function<bool()> holds, std::int64_t timeout_ms, std::function<void(bool)> finish);
    void check_waiters();

    telegram_api& api_;
    std::list<waiter> waiters_;
};

}  // namespace gateway::test
