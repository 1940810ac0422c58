#include "support/telegram_webhook.hpp"

#include "support/telegram_text.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

namespace gateway::test {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::int64_t max_pause_s = 60;  // up to twice that, at random
constexpr std::int64_t max_retry_after_s = 3600;

// The id of the object `name` in the payload of an update; 0 when there is none.
std::int64_t id_in(const json::object& payload, std::string_view name) {
    const auto* value = payload.if_contains(name);
    const auto* object = value == nullptr ? nullptr : value->if_object();
    const auto* id = object == nullptr ? nullptr : object->if_contains("id");
    return id == nullptr || !id->is_int64() ? 0 : id->get_int64();
}

// What is posted in order: the updates of a chat, of a user where there is no chat; others by themselves.
std::string lane_of(const telegram_update_feed::update& update) {
    const auto* payload = update.body.empty() ? nullptr : update.body.begin()->value().if_object();
    if (payload != nullptr) {
        const auto* message = payload->if_contains("message");
        const auto& holder = message != nullptr && message->is_object() ? message->get_object() : *payload;
        for (const auto* name : {"chat", "from", "user"}) {
            if (const auto id = id_in(name == std::string_view("chat") ? holder : *payload, name); id != 0) {
                return (name == std::string_view("chat") ? "chat " : "user ") + std::to_string(id);
            }
        }
    }
    return "update " + std::to_string(update.id);
}

std::int64_t retry_after_of(const webhook_answer& answer) {
    std::int64_t wait_s = 0;
    for (const auto& [name, value] : answer.headers) {
        if (equals_ignoring_case(name, "Retry-After")) {
            std::from_chars(value.data(), value.data() + value.size(), wait_s);
        }
    }
    return std::clamp<std::int64_t>(wait_s, 0, max_retry_after_s);
}

}  // namespace

telegram_webhook::telegram_webhook(telegram_clock& clock, telegram_update_feed& feed, std::uint64_t seed)
    : clock_(clock), feed_(feed), random_(seed) {
    feed_.on_push([this] { pump(); });
}

telegram_webhook::~telegram_webhook() {
    feed_.on_push({});
    stop_all();
}

void telegram_webhook::connect(webhook_transport transport, std::function<void(const webhook_answer&)> answered) {
    transport_ = std::move(transport);
    answered_ = std::move(answered);
    pump();
}

void telegram_webhook::stop_all() {
    for (const auto timer : pauses_) {
        clock_.cancel(timer);
    }
    pauses_.clear();
    const auto given_up = std::move(in_flight_);
    in_flight_.clear();
    for (const auto& [id, flying] : given_up) {
        clock_.cancel(flying.timer);
        flying.give_up();
    }
    attempts_.clear();
}

void telegram_webhook::set(webhook_settings settings) {
    stop_all();
    settings_ = std::move(settings);
    last_error_unix_s_ = 0;
    last_error_.clear();
    if (is_set()) {
        feed_.abort_poll_for_webhook();
        pump();
    }
}

json::object telegram_webhook::info() const {
    json::object info{
        {"url", settings_.url}, {"has_custom_certificate", false}, {"pending_update_count", feed_.pending()}};
    if (is_set()) {
        info["max_connections"] = settings_.max_connections;
    }
    if (last_error_unix_s_ != 0) {
        info["last_error_date"] = last_error_unix_s_;
        info["last_error_message"] = last_error_;
    }
    return info;
}

void telegram_webhook::pump() {
    if (!is_set() || !transport_ || is_pumping_) {
        return;
    }
    is_pumping_ = true;
    feed_.forget_expired();
    std::set<std::string> busy;
    for (const auto& [id, flying] : in_flight_) {
        busy.insert(flying.lane);
    }
    const auto connections = static_cast<std::size_t>(settings_.max_connections);
    std::size_t looked_at = 0;
    for (const auto& update : feed_.updates()) {
        if (in_flight_.size() >= connections || ++looked_at > 2 * connections) {
            break;
        }
        auto lane = lane_of(update);
        if (!busy.insert(lane).second) {
            continue;  // something of its chat comes first
        }
        const auto tried = attempts_.find(update.id);
        if (tried == attempts_.end() || tried->second.not_before <= clock_.now()) {
            post(update, std::move(lane));
        }
    }
    is_pumping_ = false;
}

void telegram_webhook::post(const telegram_update_feed::update& update, std::string lane) {
    webhook_post made;
    made.url = settings_.url;
    made.port = port_;
    made.headers = {{"Content-Type", "application/json"}, {"Accept-Encoding", "gzip, deflate"}};
    if (!settings_.secret_token.empty()) {
        made.headers.emplace_back("X-Telegram-Bot-Api-Secret-Token", settings_.secret_token);
    }
    made.body = ascii_json(telegram_update_feed::complete(update));
    const auto id = update.id;
    const auto timer = clock_.call_at(clock_.now() + answer_within, [this, id] {
        in_flight_.at(id).give_up();
        finish(id, {0, "Read timeout expired", {}, {}});
    });
    in_flight_.emplace(id, flight{std::move(lane), [] {}, timer});
    auto give_up = transport_(std::move(made), [this, id](const webhook_answer& answer) { finish(id, answer); });
    if (const auto flying = in_flight_.find(id); flying != in_flight_.end() && give_up) {
        flying->second.give_up = std::move(give_up);
    }
}

void telegram_webhook::finish(std::int32_t id, const webhook_answer& answer) {
    const auto flying = in_flight_.extract(id);
    if (!flying) {
        return;
    }
    clock_.cancel(flying.mapped().timer);
    if (answer.status >= 200 && answer.status <= 299) {
        attempts_.erase(id);
        feed_.forget(id);
    } else if (answer.status == 0) {
        fail(id, answer.reason, 0);
    } else {
        fail(id, "Wrong response from the webhook: " + std::to_string(answer.status) + ' ' + answer.reason,
             retry_after_of(answer));
    }
    if (answered_) {
        answered_(answer);
    }
    pump();
}

void telegram_webhook::fail(std::int32_t id, std::string text, std::int64_t retry_after_s) {
    last_error_unix_s_ = clock_.unix_time_s();
    last_error_ = std::move(text);
    auto& failed = attempts_[id];
    auto pause_s = retry_after_s;
    if (retry_after_s == 0 && failed.failures > 0) {
        const auto most = std::uniform_int_distribution(max_pause_s, 2 * max_pause_s)(random_);
        failed.delay_s = std::min(most, failed.delay_s * 2);
        pause_s = failed.delay_s;
    }
    ++failed.failures;
    failed.not_before = clock_.now() + seconds(pause_s);
    const auto timer = std::make_shared<telegram_clock::timer_id>();
    *timer = clock_.call_at(failed.not_before, [this, timer] {
        pauses_.erase(*timer);
        pump();
    });
    pauses_.insert(*timer);
}

}  // namespace gateway::test
