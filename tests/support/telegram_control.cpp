#include "support/telegram_control.hpp"

#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <limits>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::int64_t max_timeout_ms = 600'000;

bool fits_int32(std::int64_t value) {
    return value > 0 && value < std::numeric_limits<std::int32_t>::max();
}

// Whether what the caller waits for is there; an error is not worth waiting either.
bool is_met(const api_result& result, const checked_params& params) {
    if (const auto* found = result.result.if_array()) {
        return static_cast<std::int64_t>(found->size()) >= params.integer("count", 0);
    }
    const auto* state = result.result.if_object();
    return state == nullptr || state->at("polled").get_bool() || !params.boolean("polled");
}

}  // namespace

api_result said_result(const said& what) {
    return api_result::ok(json::object{{"update_id", what.update_id}, {"message_id", what.message_id}});
}

api_result no_such_bot() {
    return api_result::fail(400, "no bot has this token");
}

const std::vector<telegram_control::verb>& telegram_control::verbs() {
    using enum param_kind;
    static const auto table = [] {
        std::vector<verb> all{
            {"bots",
             {{"token", string}, {"username", string}, {"first_update_id", integer}},
             &telegram_control::add_bot},
            {"revoke", {{"token", string}}, &telegram_control::revoke},
            {"chats",
             {{"token", string},
              {"id", integer},
              {"type", string},
              {"title", string},
              {"username", string},
              {"is_forum", boolean},
              {"topics", array},
              {"forbidden", string},
              {"migrated_to", integer},
              {"description", string}},
             &telegram_control::add_chat},
            {"say",
             {{"token", string},
              {"chat", integer},
              {"user", integer},
              {"text", string},
              {"thread", integer},
              {"reply_to", integer},
              {"entities", array},
              {"extra", object}},
             &telegram_control::say},
            {"edit",
             {{"token", string}, {"chat", integer}, {"message", integer}, {"text", string}},
             &telegram_control::edit},
            {"click",
             {{"token", string}, {"chat", integer}, {"user", integer}, {"message", integer}, {"data", string}},
             &telegram_control::click},
            {"update", {{"token", string}, {"type", string}, {"payload", object}}, &telegram_control::update},
            {"renumber", {{"token", string}, {"next_id", integer}}, &telegram_control::renumber},
            {"clear_faults", {}, &telegram_control::clear_faults},
            {"sent",
             {{"token", string}, {"method", string}, {"count", integer}, {"timeout_ms", integer}},
             &telegram_control::sent},
            {"requests",
             {{"token", string}, {"method", string}, {"count", integer}, {"timeout_ms", integer}},
             &telegram_control::requests},
            {"state", {{"token", string}, {"polled", boolean}, {"timeout_ms", integer}}, &telegram_control::state},
        };
        for (auto& more : people_verbs()) {
            all.push_back(std::move(more));
        }
        return all;
    }();
    return table;
}

telegram_control::telegram_control(telegram_api& api) : api_(api) {
    api_.on_change([this] { check_waiters(); });
}

telegram_control::~telegram_control() {
    for (const auto& waiting : waiters_) {
        api_.clock().cancel(waiting.timer);
    }
}

void telegram_control::handle(api_request request, reply answer) {
    const auto name = path_of(request.target).substr(std::string_view("/control/").size());
    if (name == "faults") {
        return answer(to_response(fault(request.body)));
    }
    const auto chosen =
        std::find_if(verbs().begin(), verbs().end(), [&](const auto& candidate) { return candidate.name == name; });
    if (chosen == verbs().end()) {
        return answer(to_response(api_result::fail(404, "no such control verb: " + std::string(name))));
    }
    const auto decoded = decode_params(request);
    checked_params params;
    if (!decoded.malformed.empty()) {
        return answer(to_response(api_result::fail(400, decoded.malformed)));
    }
    if (auto wrong = checked_params::check(decoded, chosen->params, params)) {
        return answer(to_response(api_result::fail(400, *wrong)));
    }
    const auto run = [this, chosen, params] { return (this->*chosen->run)(params); };
    if (!params.has("timeout_ms")) {
        return answer(to_response(run()));
    }
    wait([run, params] { return is_met(run(), params); }, params.integer("timeout_ms", 0),
         [run, answer = std::move(answer)](bool met) {
             auto result = run();
             if (!met && result.code == 200) {
                 result = api_result::fail(408, "what was waited for did not come in time");
             }
             answer(to_response(result));
         });
}

void telegram_control::wait(std::function<bool()> holds, std::int64_t timeout_ms, std::function<void(bool)> finish) {
    const bool met = holds();
    if (met || timeout_ms <= 0 || waiters_.size() >= max_waiting) {
        return finish(met);
    }
    const auto added = waiters_.insert(waiters_.end(), {std::move(holds), std::move(finish), 0});
    const auto within = std::chrono::milliseconds(std::min(timeout_ms, max_timeout_ms));
    added->timer = api_.clock().call_at(api_.clock().now() + within, [this, added] {
        const auto late = std::move(added->finish);
        waiters_.erase(added);
        late(false);
    });
}

void telegram_control::check_waiters() {
    for (auto it = waiters_.begin(); it != waiters_.end();) {
        if (!it->holds()) {
            ++it;
            continue;
        }
        api_.clock().cancel(it->timer);
        const auto finish = std::move(it->finish);
        it = waiters_.erase(it);
        finish(true);
    }
}

api_result telegram_control::fault(std::string_view body) {
    boost::system::error_code error;
    const auto value = json::parse(body, error);
    telegram_fault parsed;
    if (error) {
        return api_result::fail(400, "faults: the body must be a JSON object");
    }
    if (auto wrong = parse_fault(value, parsed)) {
        return api_result::fail(400, *wrong);
    }
    return api_.faults().add(std::move(parsed)) ? api_result::ok() : api_result::fail(400, "too many faults");
}

api_result telegram_control::add_bot(const checked_params& params) {
    const auto first = params.integer("first_update_id", 0);
    if (!telegram_api::is_token(params.string("token"))) {
        return api_result::fail(400, "a token has the form 123456:secret");
    }
    if (first != 0 && !fits_int32(first)) {
        return api_result::fail(400, "first_update_id must be positive and fit into 32 bits");
    }
    api_.add_bot(std::string(params.string("token")), std::string(params.string("username")),
                 static_cast<std::int32_t>(first));
    return api_result::ok();
}

api_result telegram_control::revoke(const checked_params& params) {
    api_.revoke(params.string("token"));
    return api_result::ok();
}

api_result telegram_control::add_chat(const checked_params& params) {
    auto* owner = bot(params);
    if (owner == nullptr) {
        return no_such_bot();
    }
    telegram_chat chat;
    chat.id = params.integer("id", 0);
    chat.type = params.has("type") ? params.string("type") : "private";
    chat.title = params.string("title");
    chat.username = params.string("username");
    chat.is_forum = params.boolean("is_forum");
    chat.forbidden = params.string("forbidden");
    chat.description = params.string("description");
    chat.migrated_to = params.integer("migrated_to", 0);
    if (const auto* topics = params.array("topics")) {
        for (const auto& topic : *topics) {
            if (!topic.is_int64()) {
                return api_result::fail(400, "topics must be an Array of Integers");
            }
            chat.topics.insert(topic.get_int64());
        }
    }
    owner->add_chat(std::move(chat));
    return api_result::ok();
}

api_result telegram_control::say(const checked_params& params) {
    auto* listener = bot(params);
    if (listener == nullptr) {
        return no_such_bot();
    }
    say_options options{params.integer("thread", 0), params.integer("reply_to", 0), {}, {}};
    if (const auto* entities = params.array("entities")) {
        options.entities = *entities;
    }
    if (const auto* extra = params.object("extra")) {
        options.extra = *extra;
    }
    const auto chat = params.integer("chat", 1);
    return said_result(
        listener->user_says(chat, params.integer("user", chat > 0 ? chat : 1), params.string("text"), options));
}

api_result telegram_control::edit(const checked_params& params) {
    auto* listener = bot(params);
    return listener == nullptr ? no_such_bot()
                               : said_result(listener->user_edits(params.integer("chat", 1),
                                                                  params.integer("message", 0), params.string("text")));
}

api_result telegram_control::click(const checked_params& params) {
    auto* listener = bot(params);
    if (listener == nullptr) {
        return no_such_bot();
    }
    return api_result::ok(json::string(listener->user_clicks(params.integer("chat", 1), params.integer("user", 1),
                                                             params.integer("message", 0), params.string("data"))));
}

api_result telegram_control::update(const checked_params& params) {
    auto* listener = bot(params);
    if (listener == nullptr) {
        return no_such_bot();
    }
    if (!telegram_update_feed::is_update_type(params.string("type")) || !params.has("payload")) {
        return api_result::fail(400, "needs a known type of update and its payload, an Object");
    }
    return said_result(listener->push_update(params.string("type"), *params.object("payload")));
}

api_result telegram_control::renumber(const checked_params& params) {
    auto* renumbered = bot(params);
    if (renumbered == nullptr || !fits_int32(params.integer("next_id", 0))) {
        return api_result::fail(400, "needs the token of a bot and a next_id that is positive and fits into 32 bits");
    }
    renumbered->feed().renumber(static_cast<std::int32_t>(params.integer("next_id", 0)));
    return api_result::ok();
}

api_result telegram_control::clear_faults(const checked_params&) {
    api_.faults().clear();
    return api_result::ok();
}

api_result telegram_control::sent(const checked_params& params) {
    auto* sender = bot(params);
    if (sender == nullptr) {
        return no_such_bot();
    }
    json::array found;
    for (const auto& entry : sender->sent()) {
        if (!params.has("method") || entry.at("method").get_string() == params.string("method")) {
            found.push_back(entry);
        }
    }
    return api_result::ok(std::move(found));
}

api_result telegram_control::requests(const checked_params& params) {
    json::array found;
    for (const auto& entry : api_.requests()) {
        if ((params.has("method") && !equals_ignoring_case(entry.method, params.string("method"))) ||
            (params.has("token") && entry.token != params.string("token"))) {
            continue;
        }
        found.push_back(json::object{{"number", entry.number},
                                     {"connection", entry.connection},
                                     {"http_method", entry.http_method},
                                     {"token", entry.token},
                                     {"method", entry.method},
                                     {"params", entry.params},
                                     {"malformed", entry.malformed},
                                     {"status", entry.status}});
    }
    return api_result::ok(std::move(found));
}

api_result telegram_control::state(const checked_params& params) {
    auto* owner = bot(params);
    if (owner == nullptr) {
        return no_such_bot();
    }
    const auto types = owner->feed().allowed();
    json::array allowed(types.begin(), types.end());
    return api_result::ok(json::object{{"pending", owner->feed().pending()},
                                       {"next_update_id", owner->feed().next_id()},
                                       {"polled", owner->feed().is_polled()},
                                       {"allowed_updates", std::move(allowed)}});
}

}  // namespace gateway::test
