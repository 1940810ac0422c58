#pragma once
// The control endpoint of the test server: /control/VERB, with parameters as in the Bot API (a JSON object, a form or
// a query string), so that scripts and people play the users, inject faults and look at what happened. Answers have
// the Bot API's shape. A verb that waits takes `timeout_ms`, in the model's time. The verbs are listed in README.md.
// Single-threaded, like the model it borrows.

#include "support/telegram_api.hpp"
#include "support/telegram_params.hpp"
#include "support/telegram_people.hpp"

#include <functional>
#include <list>

namespace gateway::test {

api_result said_result(const said& what);
api_result no_such_bot();

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
    static std::vector<verb> people_verbs();  // telegram_control_people.cpp

    telegram_bot* bot(const checked_params& params) { return api_.find_bot(params.string("token")); }

    api_result add_bot(const checked_params& params);
    api_result revoke(const checked_params& params);
    api_result add_chat(const checked_params& params);
    api_result say(const checked_params& params);
    api_result edit(const checked_params& params);
    api_result click(const checked_params& params);
    api_result update(const checked_params& params);
    api_result raw_update(const checked_params& params);
    api_result send_file(const checked_params& params);
    api_result send_album(const checked_params& params);
    api_result edit_caption(const checked_params& params);
    api_result forward(const checked_params& params);
    api_result react(const checked_params& params);
    api_result count_reactions(const checked_params& params);
    api_result set_member(const checked_params& params);
    api_result join(const checked_params& params);
    api_result leave(const checked_params& params);
    api_result upgrade(const checked_params& params);
    api_result open_topic(const checked_params& params);
    api_result stop_draft(const checked_params& params);
    api_result put_on_web(const checked_params& params);
    api_result pace(const checked_params& params);
    api_result refusals(const checked_params& params);
    api_result route_webhooks(const checked_params& params);
    api_result renumber(const checked_params& params);
    api_result clear_faults(const checked_params& params);
    api_result sent(const checked_params& params);
    api_result requests(const checked_params& params);
    api_result state(const checked_params& params);

    api_result fault(std::string_view body);
    // Runs f(bot, people) for the bot the token names.
    template <class F>
    api_result with_people(const checked_params& params, F f);
    void wait(std::function<bool()> holds, std::int64_t timeout_ms, std::function<void(bool)> finish);
    void check_waiters();

    telegram_api& api_;
    std::list<waiter> waiters_;
};

}  // namespace gateway::test
