#include "support/telegram_updates.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>

namespace gateway::test {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, telegram_update_feed::type_count> update_types{"message",
                                                                                      "edited_message",
                                                                                      "channel_post",
                                                                                      "edited_channel_post",
                                                                                      "inline_query",
                                                                                      "chosen_inline_result",
                                                                                      "callback_query",
                                                                                      "shipping_query",
                                                                                      "pre_checkout_query",
                                                                                      "poll",
                                                                                      "poll_answer",
                                                                                      "my_chat_member",
                                                                                      "chat_member",
                                                                                      "chat_join_request",
                                                                                      "chat_boost",
                                                                                      "removed_chat_boost",
                                                                                      "message_reaction",
                                                                                      "message_reaction_count",
                                                                                      "business_connection",
                                                                                      "business_message",
                                                                                      "edited_business_message",
                                                                                      "deleted_business_messages",
                                                                                      "purchased_paid_media",
                                                                                      "guest_message",
                                                                                      "stopped_message_generation",
                                                                                      "managed_bot",
                                                                                      "subscription"};

constexpr std::array<std::string_view, 3> types_to_ask_for{"chat_member", "message_reaction", "message_reaction_count"};

std::optional<std::size_t> index_of(std::string_view type) {
    const auto it = std::find(update_types.begin(), update_types.end(), type);
    return it == update_types.end() ? std::nullopt : std::optional<std::size_t>(it - update_types.begin());
}

std::bitset<update_types.size()> default_types() {
    std::bitset<update_types.size()> types;
    types.set();
    for (const auto type : types_to_ask_for) {
        types.reset(*index_of(type));
    }
    return types;
}

// How far past the next id an offset may be before it is ignored.
constexpr std::int64_t max_offset_ahead = 10;
constexpr std::int64_t max_offset_behind = 2'000'000;
constexpr seconds conflict_interval{3};

}  // namespace

telegram_update_feed::telegram_update_feed(telegram_clock& clock, std::int32_t first_id)
    : clock_(clock), next_id_(first_id), allowed_(default_types()) {}

telegram_update_feed::~telegram_update_feed() {
    if (poll_) {
        clock_.cancel(poll_->timer);
    }
    for (const auto timer : late_conflicts_) {
        clock_.cancel(timer);
    }
}

bool telegram_update_feed::is_update_type(std::string_view type) {
    return index_of(type).has_value();
}

std::optional<std::int32_t> telegram_update_feed::push(std::string_view type, json::value payload, seconds lives) {
    const auto kind = index_of(type);
    assert(kind);
    return allowed_.test(*kind) ? push_raw({{type, std::move(payload)}}, lives) : std::nullopt;
}

std::optional<std::int32_t> telegram_update_feed::push_raw(json::object body, seconds lives) {
    const auto bytes = json::serialize(body).size();
    if (bytes > max_update_bytes || updates_.size() >= max_pending) {
        return std::nullopt;
    }
    const auto id = next_id_++;
    updates_.push_back({id, clock_.unix_time_s() + lives.count(), std::move(body), bytes});
    finish_poll();
    if (on_push_) {
        on_push_();
    }
    return id;
}

void telegram_update_feed::get_updates(std::int32_t offset, int limit, int timeout_s, completion done) {
    limit = std::clamp(limit, 1, 100);
    timeout_s = std::clamp(timeout_s, 0, max_timeout_s);
    const auto now = clock_.now();
    if (previous_offset_ == offset) {
        if (timeout_s < 3 && now < previous_start_ + seconds(3)) {
            timeout_s = 3;
        }
        if (now < previous_start_ + milliseconds(500)) {
            limit = 1;
        }
    }
    previous_offset_ = offset;
    previous_start_ = now;
    serve(offset, limit, timeout_s, std::move(done));
}

void telegram_update_feed::serve(std::int32_t offset, int limit, int timeout_s, completion done) {
    if (offset < 0) {
        keep_newest(static_cast<std::size_t>(-static_cast<std::int64_t>(offset)));
    }
    auto from = offset > 0 ? offset : 0;
    if (from > next_id_ + max_offset_ahead || from < next_id_ - max_offset_behind) {
        from = 0;  // not an id of this numbering: everything comes again
    }
    auto found = take_from(from, limit);
    if (!found.empty() || timeout_s == 0) {
        return done(api_result::ok(std::move(found)));
    }
    while (poll_) {  // its `done` may poll again at once
        end_poll_with_conflict(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
    }
    const auto timer = clock_.call_at(clock_.now() + seconds(timeout_s), [this] { finish_poll(); });
    poll_ = waiting_poll{std::max(offset, 0), limit, timer, std::move(done)};
}

void telegram_update_feed::finish_poll() {
    if (!poll_) {
        return;
    }
    auto waiting = std::move(*poll_);
    poll_.reset();
    clock_.cancel(waiting.timer);
    serve(waiting.offset, waiting.limit, 0, std::move(waiting.done));
}

void telegram_update_feed::end_poll_with_conflict(std::string description) {
    if (!poll_) {
        return;
    }
    auto ended = std::move(*poll_);
    poll_.reset();
    clock_.cancel(ended.timer);
    fail_conflict(std::move(description), std::move(ended.done));
}

void telegram_update_feed::end_poll(api_result result) {
    if (!poll_) {
        return;
    }
    auto ended = std::move(*poll_);
    poll_.reset();
    clock_.cancel(ended.timer);
    ended.done(std::move(result));
}

void telegram_update_feed::abort_poll_for_webhook() {
    end_poll_with_conflict("Conflict: terminated by setWebhook request");
}

void telegram_update_feed::fail_conflict(std::string description, completion done) {
    const auto now = clock_.now();
    if (now >= next_immediate_conflict_) {
        next_immediate_conflict_ = now + conflict_interval;
        return done(api_result::fail(409, std::move(description)));
    }
    const auto own_id = std::make_shared<telegram_clock::timer_id>();
    *own_id = clock_.call_at(now + conflict_interval,
                             [this, own_id, description = std::move(description), done = std::move(done)] {
                                 late_conflicts_.erase(*own_id);
                                 done(api_result::fail(409, description));
                             });
    late_conflicts_.insert(*own_id);
}

void telegram_update_feed::set_allowed(const std::vector<std::string>& types) {
    allowed_.reset();
    for (const auto& type : types) {
        if (const auto kind = index_of(type)) {
            allowed_.set(*kind);
        }
    }
    if (allowed_.none()) {
        allowed_ = default_types();
    }
}

std::vector<std::string_view> telegram_update_feed::allowed() const {
    std::vector<std::string_view> types;
    for (std::size_t i = 0; i < update_types.size(); ++i) {
        if (allowed_.test(i)) {
            types.push_back(update_types[i]);
        }
    }
    return types;
}

bool telegram_update_feed::allows_default() const {
    return allowed_ == default_types();
}

void telegram_update_feed::keep_newest(std::size_t count) {
    while (updates_.size() > count) {
        updates_.pop_front();
    }
}

void telegram_update_feed::forget(std::int32_t id) {
    const auto it =
        std::find_if(updates_.begin(), updates_.end(), [id](const update& entry) { return entry.id == id; });
    if (it != updates_.end()) {
        updates_.erase(it);
    }
}

void telegram_update_feed::forget_expired() {
    while (!updates_.empty() && updates_.front().expires_unix_s < clock_.unix_time_s()) {
        updates_.pop_front();
    }
}

json::object telegram_update_feed::complete(const update& entry) {
    json::object whole{{"update_id", entry.id}};
    for (const auto& member : entry.body) {
        whole[member.key()] = member.value();
    }
    return whole;
}

void telegram_update_feed::renumber(std::int32_t next_id) {
    updates_.clear();
    next_id_ = next_id;
}

void telegram_update_feed::forget_below(std::int32_t id) {
    const auto now = clock_.unix_time_s();
    std::erase_if(updates_, [&](const update& entry) { return entry.id < id || entry.expires_unix_s < now; });
}

json::array telegram_update_feed::take_from(std::int32_t offset, int limit) {
    forget_below(offset);
    json::array found;
    std::size_t bytes = 0;
    for (const auto& entry : updates_) {
        bytes += entry.bytes + 50;
        if (found.size() >= static_cast<std::size_t>(limit) || bytes >= max_answer_bytes) {
            break;
        }
        found.push_back(complete(entry));
    }
    return found;
}

}  // namespace gateway::test
