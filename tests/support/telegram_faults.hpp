#pragma once
// Injected faults: which requests they hit, and what happens to those. Pure; one list per API model, asked in order of
// addition, the first match is used up by one. Bound: max_faults at a time.

#include "support/telegram_exchange.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::test {

struct telegram_fault {
    enum class kind {
        answer,         // this answer instead of the real one
        reset,          // read the request, then reset the connection
        cut,            // `cut_at` bytes of the body, then close
        broken,         // `cut_at` bytes of the body, then reset
        drip,           // `drip_bytes` of the body every `drip_interval`
        stall,          // never answer, keep the connection open
        connect_reset,  // reset a new connection before anything of it is read
        connect_stall,  // accept a new connection and never read from it
    };

    // What it hits. The last two kinds hit connections, where method and token are not known yet.
    std::string method;  // without case; empty: any
    std::string token;   // empty: any
    int skip = 0;        // so many matches are let through first
    int times = 1;       // then so many are hit; forever: until cleared

    kind what = kind::answer;
    bool execute = false;  // carry the call out first: its effects happen, the answer is lost
    unsigned status = 500;
    std::string content_type = "application/json";
    http_headers headers;
    std::string body;
    std::size_t cut_at = 0;
    std::size_t drip_bytes = 1;
    std::chrono::milliseconds drip_interval{10};

    static constexpr int forever = -1;

    static telegram_fault error(unsigned code, std::string_view description, boost::json::object parameters = {});
    static telegram_fault too_many_requests(int retry_after_s);
    static telegram_fault html_page(unsigned status);  // what a proxy in front of the API shows
    static telegram_fault raw(unsigned status, std::string body, std::string content_type = "application/json");
    static telegram_fault oversized(std::size_t bytes);  // valid JSON, a huge string in it
    static telegram_fault invalid_utf8();                // JSON with bytes that are no UTF-8
    static telegram_fault of(kind what, std::size_t cut_at = 0);

    telegram_fault on(std::string_view method_name) &&;
    telegram_fault for_times(int count) &&;
    telegram_fault after(int matches) &&;
    telegram_fault with_effect() &&;
};

class telegram_fault_list {
public:
    static constexpr std::size_t max_faults = 1000;

    // False when the list is full.
    bool add(telegram_fault fault);
    void clear() { faults_.clear(); }
    std::size_t size() const { return faults_.size(); }

    std::optional<telegram_fault> take_for_request(std::string_view token, std::string_view method);
    connection_verdict take_for_connection();

private:
    template <class Matches>
    std::optional<telegram_fault> take(Matches matches);

    std::list<telegram_fault> faults_;
};

// From the control endpoint's JSON; on failure a sentence, and `ret_fault` is untouched.
std::optional<std::string> parse_fault(const boost::json::value& value, telegram_fault& ret_fault);

}  // namespace gateway::test
