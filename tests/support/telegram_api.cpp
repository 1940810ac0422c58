#include "support/telegram_api.hpp"

#include "support/telegram_methods.hpp"
#include "support/telegram_params.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace gateway::test {
namespace {

namespace json = boost::json;
using kind = telegram_fault::kind;

// The range real update ids start in: positive, with room to count up.
constexpr std::int32_t min_first_update_id = 2'000'001;
constexpr std::int32_t max_first_update_id = std::numeric_limits<std::int32_t>::max() / 2;

// The largest upload, with some room for what comes with it.
constexpr std::size_t max_request = telegram_files::max_upload + 1024 * 1024;

api_response fault_answer(const telegram_fault& fault) {
    api_response response;
    response.status = fault.status;
    response.headers = fault.headers;
    response.headers.emplace_back("Content-Type", fault.content_type);
    response.body = fault.body;
    return response;
}

// What is left of the true answer when the fault has had its way with it.
api_response spoil(const telegram_fault& fault, api_response response) {
    switch (fault.what) {
        case kind::answer:
            return fault_answer(fault);
        case kind::reset:
            response.how = delivery::reset;
            break;
        case kind::cut:
            response.how = delivery::cut;
            break;
        case kind::broken:
            response.how = delivery::broken;
            break;
        case kind::drip:
            response.how = delivery::drip;
            break;
        default:
            break;
    }
    response.cut_at = fault.cut_at;
    response.drip_bytes = fault.drip_bytes;
    response.drip_interval = fault.drip_interval;
    return response;
}

// The answer to a call that comes too soon. A call about no chat that is known costs nothing.
std::optional<api_result> pace(telegram_bot& bot, const checked_params& params) {
    const auto* chat = bot.find_chat(params.string("chat_id"));
    if (chat == nullptr) {
        return std::nullopt;
    }
    const auto* media = params.values().if_contains("media");  // an album's, or one of an edit
    const auto* album = media == nullptr ? nullptr : media->if_array();
    const int messages = album == nullptr ? 1 : static_cast<int>(std::clamp<std::size_t>(album->size(), 1, 10));
    const bool is_group = chat->type == "group" || chat->type == "supergroup";
    const auto wait_s = bot.pacer().take(chat->id, is_group, messages, bot.clock().now());
    if (!wait_s) {
        return std::nullopt;
    }
    return api_result::fail(429, "Too Many Requests: retry after " + std::to_string(*wait_s),
                            {{"retry_after", *wait_s}});
}

// Whether the call is carried out although a fault has hit it.
bool executes(const telegram_fault& fault) {
    return fault.execute || fault.what == kind::cut || fault.what == kind::broken || fault.what == kind::drip;
}

}  // namespace

api_response to_response(const api_result& result) {
    json::object body{{"ok", result.code == 200}};
    if (result.code == 200) {
        body["result"] = result.result;
    } else {
        body["error_code"] = result.code;
    }
    if (!result.description.empty()) {
        body["description"] = result.description;
    }
    if (!result.parameters.empty()) {
        body["parameters"] = result.parameters;
    }
    api_response response;
    response.status = static_cast<unsigned>(result.code);
    response.headers = {{"Content-Type", "application/json"}};
    if (const auto* wait_s = result.parameters.if_contains("retry_after")) {
        response.headers.emplace_back("Retry-After", json::serialize(*wait_s));
    }
    response.body = ascii_json(body);
    return response;
}

telegram_api::telegram_api(telegram_clock& clock, telegram_api_options options)
    : clock_(clock), options_(options), random_(options.seed) {}

bool telegram_api::is_token(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size() || text.size() > 80 ||
        text.front() == '0') {
        return false;
    }
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](char c) { return c >= '0' && c <= '9'; });
}

connection_verdict telegram_api::on_connection() {
    const auto verdict = faults_.take_for_connection();
    if (verdict != connection_verdict::serve) {
        changed();
    }
    return verdict;
}

telegram_bot& telegram_api::add_bot(std::string token, std::string username, std::int32_t first_update_id) {
    assert(is_token(token));
    if (first_update_id == 0) {
        first_update_id = std::uniform_int_distribution(min_first_update_id, max_first_update_id)(random_);
    }
    auto bot = std::make_unique<telegram_bot>(clock_, token, std::move(username), first_update_id);
    bot->is_local = options_.local;
    auto& added = *bots_.insert_or_assign(std::move(token), std::move(bot)).first->second;
    connect_webhook(added);
    return added;
}

void telegram_api::set_webhook_transport(webhook_transport transport) {
    transport_ = std::move(transport);
    for (const auto& [token, bot] : bots_) {
        connect_webhook(*bot);
    }
}

void telegram_api::route_webhooks(std::uint16_t port) {
    webhook_port_ = port;
    for (const auto& [token, bot] : bots_) {
        bot->webhook().route(port);
    }
}

void telegram_api::connect_webhook(telegram_bot& bot) {
    bot.webhook().route(webhook_port_);
    bot.webhook().connect(transport_, [this, token = bot.token()](const webhook_answer& answer) {
        if (answer.status >= 200 && answer.status <= 299) {
            run_from_webhook(token, answer);
        }
        changed();
    });
}

void telegram_api::run_from_webhook(const std::string& token, const webhook_answer& answer) {
    api_request request;
    request.headers = answer.headers;
    request.body = answer.body;
    auto decoded = decode_params(request);
    const auto* named = decoded.values.if_contains("method");
    if (named == nullptr || !named->is_string()) {
        return;
    }
    const parsed_call call{token, std::string(named->get_string())};
    decoded.values.erase("method");
    const auto name = lower(call.method);
    const auto forbidden = {"setwebhook", "deletewebhook", "close", "logout"};
    if (name.starts_with("get") || std::find(forbidden.begin(), forbidden.end(), name) != forbidden.end()) {
        return;
    }
    const auto id = next_exchange_++;
    log(request, id, call, decoded.values, std::move(decoded.malformed));
    run(request, call, decoded, [this, id](const api_result& result) { this->answer(id, to_response(result)); });
}

telegram_bot* telegram_api::find_bot(std::string_view token) {
    const auto it = bots_.find(std::string(token));
    return it == bots_.end() ? nullptr : it->second.get();
}

void telegram_api::revoke(std::string_view token) {
    auto bot = bots_.extract(std::string(token));
    if (bot) {
        bot.mapped()->feed().end_poll(api_result::fail(401, "Unauthorized"));
    }
}

std::size_t telegram_api::count_requests(std::string_view method) const {
    if (method.empty()) {
        return next_exchange_ - 1;
    }
    const auto it = counts_.find(lower(method));
    return it == counts_.end() ? 0 : it->second;
}

std::optional<telegram_api::parsed_call> telegram_api::parse_path(std::string_view target) {
    const auto path = percent_decode(path_of(target), false);
    std::string_view rest = path;
    const bool is_file = rest.starts_with("/file/");
    if (is_file) {
        rest.remove_prefix(5);
    }
    if (!rest.starts_with("/bot")) {
        return std::nullopt;
    }
    rest.remove_prefix(4);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    if (is_file) {
        return parsed_call{std::string(rest.substr(0, slash)), "download", std::string(rest.substr(slash + 1))};
    }
    auto method = rest.substr(slash + 1);
    if (!method.empty() && method.back() == '/') {
        method.remove_suffix(1);
    }
    return parsed_call{std::string(rest.substr(0, slash)), std::string(method)};
}

void telegram_api::log(const api_request& request, exchange_id id, const parsed_call& call, json::object params,
                       std::string malformed) {
    const auto* method = find_method(call.method);
    const bool is_download = !call.file_path.empty();
    ++counts_[method != nullptr ? lower(method->name) : is_download ? call.method : std::string()];
    if (is_download) {
        params["file_path"] = call.file_path;
    }
    if (log_.size() >= options_.max_log) {
        log_.pop_front();
    }
    log_.push_back({id, clock_.now(), request.connection, request.http_version, request.method, call.token,
                    method == nullptr ? call.method : std::string(method->name), std::move(params),
                    std::move(malformed), 0});
}

telegram_api::exchange_id telegram_api::handle(api_request request, reply answer_to) {
    const auto id = next_exchange_++;
    open_.emplace(id, std::move(answer_to));
    const auto call = parse_path(request.target).value_or(parsed_call{});
    // A front door of its own refuses what is too large, before anything of it is read.
    const bool is_too_large = request.body.size() > max_request;
    auto decoded = is_too_large ? decoded_params() : decode_params(request);
    log(request, id, call, decoded.values, std::move(decoded.malformed));
    const auto fault = faults_.take_for_request(call.token, call.method);
    if (fault && !executes(*fault)) {
        if (fault->what != kind::stall) {
            answer(id, spoil(*fault, {}));
        }
        changed();
        return id;
    }
    if (!call.file_path.empty()) {
        auto response = download(request, call);
        answer(id, fault ? spoil(*fault, std::move(response)) : std::move(response));
        changed();
        return id;
    }
    const auto finish = [this, id, fault](const api_result& result) {
        if (!fault) {
            answer(id, to_response(result));
        } else if (fault->what != kind::stall) {
            answer(id, spoil(*fault, to_response(result)));
        }
        changed();
    };
    if (is_too_large) {
        finish(api_result::fail(413, "Request Entity Too Large"));
    } else {
        run(request, call, decoded, finish);
    }
    changed();
    return id;
}

api_response telegram_api::download(const api_request& request, const parsed_call& call) {
    auto* bot = find_bot(call.token);
    const auto* file = bot == nullptr ? nullptr : bot->files().at_path(call.file_path, clock_.now());
    if (request.method != "GET" || file == nullptr) {
        return to_response(api_result::fail(404, "Not Found"));
    }
    // The whole file, also when a range is asked for. Where only its size was given, it is full of dots.
    api_response response;
    response.headers = {{"Content-Type", "application/octet-stream"}};
    response.body = file->bytes;
    response.body.resize(static_cast<std::size_t>(file->size), '.');
    return response;
}

void telegram_api::run(const api_request& request, const parsed_call& call, const decoded_params& params,
                       std::function<void(api_result)> done) {
    if (request.method != "GET" && request.method != "POST") {
        return done(api_result::fail(405, "Method Not Allowed"));
    }
    if (!is_token(call.token) || call.method.empty()) {
        return done(api_result::fail(404, "Not Found"));
    }
    auto* bot = find_bot(call.token);
    if (bot == nullptr) {
        return done(api_result::fail(401, "Unauthorized"));
    }
    const auto* method = find_method(call.method);
    if (method == nullptr) {
        return done(api_result::fail(404, "Not Found: method not found"));
    }
    checked_params checked;
    if (auto wrong = checked_params::check(params, method->params, checked)) {
        return done(bad_request(*wrong));
    }
    if (auto refused = method->is_paced ? pace(*bot, checked) : std::nullopt) {
        return done(std::move(*refused));
    }
    method->run({*bot, checked, std::move(done)});
}

void telegram_api::abandon(exchange_id id) {
    if (open_.erase(id) > 0) {
        changed();
    }
}

void telegram_api::answer(exchange_id id, api_response response) {
    // Numbers in the log are consecutive, so the entry is found by its distance from the newest.
    if (!log_.empty() && id >= log_.front().number) {
        log_[id - log_.front().number].status = response.status;
    }
    if (auto waiting = open_.extract(id)) {
        waiting.mapped()(std::move(response));
    }
}

void telegram_api::changed() {
    for (const auto& listener : listeners_) {
        listener();
    }
}

}  // namespace gateway::test
