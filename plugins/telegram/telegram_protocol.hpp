// Requests to the Bot API and its answers, between bytes and types. Pure. (What is sent: telegram_requests.hpp.)
//
// Nothing that a server sends can do more than become an `answer` of another kind: bodies of wrong type, missing
// fields, numbers out of range, broken UTF-8 and JSON nested deeper than `max_json_depth` are expected.
#pragma once

#include <gateway/cpp/http.hpp>
#include <gateway/cpp/status.hpp>

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

inline constexpr std::size_t max_json_depth = 100;
inline constexpr std::int64_t max_updates = 100;           // of one answer; further ones come again
inline constexpr std::chrono::hours max_retry_after{24};   // a longer one is taken for this
inline constexpr std::size_t max_description_bytes = 300;  // of what the server says about a refusal

// What one API method is called with. `method` is a literal.
struct request {
    std::string_view method;
    std::string body{};                   // JSON
    std::vector<sdk::http_field> form{};  // instead, when files go with it
};

enum class answer_kind : std::uint8_t {
    result,   // {"ok":true,"result":…}
    refused,  // {"ok":false,"error_code":…,"description":…}
    not_api,  // an HTTP answer that the Bot API did not make: a proxy's page, a truncated or empty body
    none      // no answer: the connection failed, or it was too large
};

struct answer {
    answer_kind kind = answer_kind::none;
    // Of `result`, else absent. (An optional, since a value keeps its memory resource only when it is constructed.)
    std::optional<boost::json::value> result{};
    int code = 0;        // of `refused`: error_code; of `not_api`: the HTTP status
    bool bare = false;   // of `not_api`: nothing in the body, and no web page's type
    std::string text{};  // of `refused`: the description; of `none`: the host's sentence; of `not_api`: what is wrong
    std::string host_code{};    // of `none`: "dns", "reset" …; "too_large"
    bool maybe_written = true;  // of `none`: the server may have seen the request
    std::optional<std::chrono::milliseconds> retry_after{};
    std::optional<std::int64_t> migrate_to{};  // the supergroup that the group became

    // What the description says, without regard to case.
    [[nodiscard]] bool says(std::string_view lower_case_words) const;
};

// `secret` is removed from every text of the answer: servers and proxies like to quote the path of a request.
[[nodiscard]] answer parse_answer(const sdk::http_response& response, std::string_view secret);

// The token is wrong, revoked or unknown to this server: the Bot API's own refusal, or a 401 without a word. What else
// says 401 or 404 is something in between, which knows nothing of tokens.
[[nodiscard]] bool is_unauthorized(const answer& given);
[[nodiscard]] bool is_webhook_active(const answer& given);

// Why the instance is not connected, when `method` was answered so; not for `result`.
[[nodiscard]] sdk::failure failure_of(const answer& given, std::string_view method);
// The same for a `result` that is not what is `right`: "a list of updates".
[[nodiscard]] sdk::failure wrong_result(const answer& given, std::string_view method, std::string_view right);

struct account {
    std::int64_t id = 0;
    std::string name{};  // the user name, or else the first name
};

// getMe's result; nothing when it is none.
[[nodiscard]] std::optional<account> parse_account(const boost::json::value& result);

// The ids of the message, or of the album, that a call made; none when the platform gives none.
[[nodiscard]] std::vector<std::string> parse_sent_ids(const boost::json::value& result);

[[nodiscard]] request get_me_request();
// Without `offset` the server gives what is not confirmed yet. `chat_members`: who comes and goes is asked for as well.
[[nodiscard]] request get_updates_request(std::optional<std::int64_t> offset, std::chrono::seconds timeout,
                                          bool chat_members);
// Ends the waiting of whoever pressed a button.
[[nodiscard]] request answer_callback_query_request(std::string_view query);
[[nodiscard]] request delete_webhook_request();

// A decimal number that fits; nothing for anything else around it.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace gateway::telegram
