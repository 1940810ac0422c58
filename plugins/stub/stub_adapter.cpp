#include "stub_adapter.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace gateway::stub {
namespace {

constexpr std::string_view connect_key = "connect";
constexpr std::string_view say_key = "say";

std::optional<std::string_view> found(const sdk::kv_value& stored) {
    return stored.result == sdk::status::ok ? std::optional(stored.value) : std::nullopt;
}

sdk::failure store_failure() {
    return {.cls = sdk::failure_class::internal,
            .code = "store",
            .text = "The stub's place in its script could not be read or stored."};
}

}  // namespace

adapter::adapter(const sdk::setup& from) : sdk::adapter(from), script_(parse_script(from.config)), name_(from.name) {
    if (script_.create_fails) {
        throw sdk::config_error("create", "is \"fail\", not \"ok\"");
    }
}

void adapter::connect() {
    if (script_.connect.size() <= 1) {  // Without a place to remember there is nothing to read.
        act(next_connect(script_, std::nullopt).step);
        return;
    }
    host().kv_get(connect_key, [this](const sdk::kv_value& stored) {
        if (stored.result == sdk::status::io) {
            fail(store_failure());
            return;
        }
        const connect_decision decision = next_connect(script_, found(stored));
        if (!decision.place) {
            act(decision.step);
            return;
        }
        sdk::batch place;
        place.put(connect_key, *decision.place);
        store(std::move(place), [this, step = decision.step](sdk::status committed) {
            if (phase_ != phase::connecting) {
                return;
            }
            if (committed == sdk::status::ok) {
                act(step);
            } else {
                fail(store_failure());
            }
        });
    });
}

void adapter::act(const connect_step& step) {
    switch (step.kind) {
        case step_kind::ok:
            go_online();
            break;
        case step_kind::hang:
            break;
        case step_kind::fail:
            fail(step.why);
            break;
    }
}

void adapter::go_online() {
    phase_ = phase::online;
    host().connected(name_, name_);
    if (script_.lose_after) {
        host().timer(*script_.lose_after, [this] { lose(); });
    }
    if (script_.say) {
        start_saying();
    }
}

void adapter::lose() {
    if (phase_ != phase::online) {
        return;
    }
    if (script_.lose) {
        fail(*script_.lose);
    } else {
        phase_ = phase::silent;
    }
}

void adapter::fail(sdk::failure why) {
    phase_ = phase::lost;
    host().lost(why);
}

void adapter::start_saying() {
    host().kv_get(say_key, [this](const sdk::kv_value& stored) {
        if (stored.result == sdk::status::io) {
            fail(store_failure());
            return;
        }
        said_ = resume_saying(*script_.say, found(stored), host().unix_ms());
        say_due_ = host().now();
        say_later();
    });
}

void adapter::say_later() {
    if (phase_ != phase::online || !next_utterance(*script_.say, said_, 0)) {
        return;
    }
    say_due_ = std::max(say_due_ + script_.say->every, host().now());
    host().timer(say_due_ - host().now(), [this] { say_next(); });
}

void adapter::say_next() {
    const auto next = next_utterance(*script_.say, said_, host().unix_ms());
    if (phase_ != phase::online || !next) {
        return;
    }
    sdk::batch what;
    what.add_message(next->message, next->dedupe_id).put(say_key, next->place);
    store(std::move(what), [this](sdk::status committed) {
        if (committed == sdk::status::ok) {
            ++said_.said;
            say_later();
        } else if (phase_ == phase::online) {
            fail(store_failure());
        }
    });
}

void adapter::deliver(const sdk::delivery_view& what) {
    if (phase_ == phase::silent) {
        return;
    }
    // There is no platform to see it on, so whoever rehearses sees it here; hence at debug level only.
    host().log(sdk::log_level::debug,
               std::string(what.message.chat).append(" <- ").append(what.message.text.substr(0, max_logged_bytes)));
    if (!script_.echo) {
        host().receipt(sdk::receipt::sent(what.id, delivered_id(what.id)));
        return;
    }
    if (waiting_.size() >= max_waiting) {
        host().receipt(sdk::receipt::retry(what.id, "busy", "Too many answers wait to be stored."));
        return;
    }
    const sdk::message answer = echo_of(what, host().unix_ms());
    sdk::batch event;
    event.add_message(answer, answer.id);
    ++unanswered_;
    store(std::move(event), [this, id = what.id](sdk::status committed) {
        if (phase_ == phase::silent || phase_ == phase::closed) {
            return;
        }
        --unanswered_;
        host().receipt(committed == sdk::status::ok
                           ? sdk::receipt::sent(id, delivered_id(id))
                           : sdk::receipt::retry(id, "not_stored", "The answer could not be stored."));
        close_when_done();
    });
}

void adapter::refresh_directory() {
    if (script_.say) {
        sdk::batch chats;
        chats.add_chat({.kind = sdk::chat_kind::group, .id = script_.say->chat, .title = script_.say->chat});
        store(std::move(chats), [](sdk::status) {});
    }
}

void adapter::close([[maybe_unused]] sdk::close_reason why) {
    if (phase_ == phase::silent) {
        unanswered_ = 0;
        waiting_.clear();
    }
    phase_ = phase::closing;
    for (const auto& not_taken : std::exchange(waiting_, {})) {
        not_taken->then(sdk::status::cancelled);
    }
    close_when_done();
}

// Answers that the host has taken are receipted before the end, or it would deliver them again.
void adapter::close_when_done() {
    if (phase_ == phase::closing && unanswered_ == 0) {
        phase_ = phase::closed;
        host().closed();
    }
}

// In order, and again while the host is busy.
void adapter::store(sdk::batch what, sdk::callback<sdk::status> then) {
    auto next = std::make_shared<commit>(commit{std::move(what), std::move(then)});
    if (waiting_.empty() && try_store(next)) {
        return;
    }
    waiting_.push_back(std::move(next));
    if (waiting_.size() == 1) {
        host().timer(busy_pause, [this] { store_waiting(); });
    }
}

// False when the host is busy; what it will never take is over.
bool adapter::try_store(const std::shared_ptr<commit>& what) {
    const sdk::status taken = host().submit(what->what, [what](sdk::status committed) { what->then(committed); });
    if (taken == sdk::status::stale) {
        what->then(sdk::status::cancelled);
    }
    return taken != sdk::status::busy;
}

void adapter::store_waiting() {
    const auto taken =
        std::find_if_not(waiting_.begin(), waiting_.end(), [this](const auto& w) { return try_store(w); });
    waiting_.erase(waiting_.begin(), taken);
    if (!waiting_.empty()) {
        host().timer(busy_pause, [this] { store_waiting(); });
    }
}

}  // namespace gateway::stub
