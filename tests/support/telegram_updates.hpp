#pragma once
// The update queue of one bot and its long poll, with the semantics of the real server: offsets confirm, one poll at
// a time, conflicts are answered at most once per 3 s at once and 3 s late otherwise. No sockets; time comes from
// the clock. Single-threaded. Bounds: max_pending updates, max_update_bytes each, max_answer_bytes per answer.
//
//            get_updates, nothing to give, timeout > 0
//   (idle) ───────────────────────────────────────────▶ polling ──▶ answered: update, timeout (empty),
//      ▲                                                    │          409 (a later poll that waits, setWebhook)
//      └────────────────────────────────────────────────────┘

#include "support/telegram_clock.hpp"

#include <boost/json.hpp>

#include <bitset>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

// The outcome of a Bot API call, before it becomes an HTTP answer.
struct api_result {
    int code = 200;
    boost::json::value result;
    std::string description;         // when code is not 200
    boost::json::object parameters;  // retry_after, migrate_to_chat_id

    static api_result ok(boost::json::value result = true) { return {200, std::move(result), {}, {}}; }
    static api_result fail(int code, std::string description, boost::json::object parameters = {}) {
        return {code, nullptr, std::move(description), std::move(parameters)};
    }
};

class telegram_update_feed {
public:
    using completion = std::function<void(api_result)>;
    struct update {
        std::int32_t id;
        std::int64_t expires_unix_s;
        boost::json::object body;  // without its id
        std::size_t bytes;
    };

    static constexpr std::size_t type_count = 27;  // kinds of updates the Bot API has
    static constexpr std::size_t max_pending = 1'000'000;
    static constexpr std::size_t max_update_bytes = 512 * 1024;
    static constexpr std::size_t max_answer_bytes = 4 * 1024 * 1024;
    static constexpr int max_timeout_s = 50;

    telegram_update_feed(telegram_clock& clock, std::int32_t first_id);
    ~telegram_update_feed();
    telegram_update_feed(const telegram_update_feed&) = delete;
    telegram_update_feed& operator=(const telegram_update_feed&) = delete;

    static bool is_update_type(std::string_view type);

    // Adds an update. Nothing happens (nullopt) when its type is not allowed, it is too big or the queue is full.
    std::optional<std::int32_t> push(std::string_view type, boost::json::value payload, std::chrono::seconds lives);

    // Adds an update of a kind that nobody knows yet, or an odd one: its members as they are, but for the id.
    std::optional<std::int32_t> push_raw(boost::json::object body, std::chrono::seconds lives);

    void get_updates(std::int32_t offset, int limit, int timeout_s, completion done);
    // An empty list means the default: everything but membership and reaction updates.
    void set_allowed(const std::vector<std::string>& types);
    std::vector<std::string_view> allowed() const;
    bool allows_default() const;

    // Answers 409, late if one was answered within the last 3 s.
    void fail_conflict(std::string description, completion done);
    void abort_poll_for_webhook();
    void end_poll(api_result result);  // nothing when nobody polls

    void keep_newest(std::size_t count);
    void forget(std::int32_t id);
    void forget_expired();
    // The server forgot its numbering: the next update gets this id (real life: after a week without updates).
    void renumber(std::int32_t next_id);

    // Called after each update that was added; an empty function takes it back.
    void on_push(std::function<void()> listener) { on_push_ = std::move(listener); }
    const std::deque<update>& updates() const { return updates_; }
    static boost::json::object complete(const update& update);  // as it is sent, with its id

    std::size_t pending() const { return updates_.size(); }
    std::int32_t next_id() const { return next_id_; }
    bool is_polled() const { return poll_.has_value(); }

private:
    struct waiting_poll {
        std::int32_t offset;
        int limit;
        telegram_clock::timer_id timer;
        completion done;
    };

    void serve(std::int32_t offset, int limit, int timeout_s, completion done);
    void finish_poll();
    void end_poll_with_conflict(std::string description);
    void forget_below(std::int32_t id);
    boost::json::array take_from(std::int32_t offset, int limit);

    telegram_clock& clock_;
    std::int32_t next_id_;
    std::deque<update> updates_;
    std::bitset<type_count> allowed_;
    std::optional<waiting_poll> poll_;
    std::optional<std::int32_t> previous_offset_;
    telegram_clock::time_point previous_start_{};
    telegram_clock::time_point next_immediate_conflict_{};
    std::set<telegram_clock::timer_id> late_conflicts_;
    std::function<void()> on_push_;
};

}  // namespace gateway::test
