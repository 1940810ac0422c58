#include "telegram_protocol.hpp"

#include "telegram_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <system_error>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

// What is no UTF-8 outside a text is no JSON either; within one it is mended.
std::string json_problem(std::string_view body, std::size_t at, const json::error_code& error) {
    if (trimmed(body).empty()) {
        return "is empty";
    }
    if (error == json::error::incomplete) {
        return "ends inside the JSON after " + std::to_string(body.size()) + " bytes";
    }
    const std::string place = " at byte " + std::to_string(at + 1);
    if (error == json::error::too_deep) {
        return "is nested more than " + std::to_string(max_json_depth) + " deep" + place;
    }
    const bool ascii = at >= body.size() || static_cast<unsigned char>(body[at]) < 0x80U;
    return (ascii || utf8::decode(body, at).bytes > 1 ? "is no JSON" : "is no UTF-8") + place;
}

// A server that answers with bytes that are no UTF-8 must not stop the account: the texts are mended one by one.
std::optional<json::value> parse_json(std::string_view body, std::string& ret_problem) {
    json::parse_options options;
    options.max_depth = max_json_depth;
    options.allow_invalid_utf8 = true;
    json::error_code error;
    json::parser parser(json::make_shared_resource<json::monotonic_resource>(), options);
    const std::size_t read = parser.write(body.data(), body.size(), error);
    if (error) {
        ret_problem = json_problem(body, read, error);
        return std::nullopt;
    }
    return std::optional<json::value>(parser.release());
}

std::string_view kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "true or false";
        case json::kind::string:
            return "a text";
        case json::kind::array:
            return "a list";
        case json::kind::object:
            return "an object";
        default:
            return "a number";
    }
}

// What is wrong with JSON that is neither a result nor a refusal.
std::string shape_problem(const json::value& body) {
    const json::object* object = body.if_object();
    if (object == nullptr) {
        return std::string("is ").append(kind_name(body)).append(", but must be an object");
    }
    const json::value* ok = object->if_contains("ok");
    if (ok == nullptr || !ok->is_bool()) {
        return "has no 'ok' that is true or false";
    }
    return ok->get_bool() ? "has no 'result'" : "is a refusal without an error_code from 400 to 599";
}

std::string without(std::string text, std::string_view secret) {
    for (std::size_t at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), "…");
    }
    return text;
}

std::optional<std::int64_t> integer(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::chrono::milliseconds bounded_pause(std::int64_t seconds) {
    constexpr std::int64_t most = std::chrono::seconds(max_retry_after).count();
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, most));
}

void read_refusal(const json::object& from, std::string_view secret, answer& ret_answer) {
    const auto code = integer(from, "error_code");
    if (code && *code >= 400 && *code <= 599) {
        ret_answer.code = static_cast<int>(*code);
    }
    if (ret_answer.code < 400) {
        return;  // It refuses nothing: not the Bot API.
    }
    ret_answer.kind = answer_kind::refused;
    const json::value* description = from.if_contains("description");
    if (description != nullptr && description->is_string()) {
        const json::string& said = description->get_string();
        ret_answer.text = without(clean_utf8({said.data(), said.size()}, max_description_bytes), secret);
    }
    const json::value* parameters = from.if_contains("parameters");
    if (parameters == nullptr || !parameters->is_object()) {
        return;
    }
    if (const auto seconds = integer(parameters->get_object(), "retry_after")) {
        ret_answer.retry_after = bounded_pause(*seconds);
    }
    ret_answer.migrate_to = integer(parameters->get_object(), "migrate_to_chat_id");
}

bool is_html(const sdk::http_response& response) {
    const auto type = response.header("content-type");
    return (type && type->starts_with("text/html")) || trimmed(response.body).starts_with('<');
}

std::string http_code(int status) {
    return "http_" + std::to_string(status);
}

std::string sentence(std::string_view method, std::string_view what) {
    return std::string(method).append(" ").append(what);
}

sdk::failure refusal_failure(const answer& given, std::string_view method) {
    using enum sdk::failure_class;
    const std::string said = sentence(method, "was refused: ") + (given.text.empty() ? "no reason given" : given.text);
    if (is_unauthorized(given)) {
        return {.cls = auth,
                .code = given.code == 401 ? "unauthorized" : "not_found",
                .text = "Telegram does not know this token (" + std::to_string(given.code) +
                        "): check it with @BotFather, and api_root if that is set."};
    }
    switch (given.code) {
        case 409:
            if (given.says("other getupdates")) {
                return {.cls = conflict,
                        .code = "terminated_by_other_poller",
                        .text = "Another program polls this bot (409): only one may hold a token."};
            }
            return {.cls = conflict, .code = given.says("webhook") ? "webhook" : "conflict", .text = said};
        case 429:
            return {.cls = rate_limited, .code = "too_many_requests", .text = said, .retry_after = given.retry_after};
        default:
            return {.code = http_code(given.code), .text = said, .retry_after = given.retry_after};
    }
}

sdk::failure foreign_failure(const answer& given, std::string_view method) {
    if (is_unauthorized(given)) {
        return refusal_failure(given, method);
    }
    const std::string status = std::to_string(given.code);
    if (given.code == 429) {
        return {.cls = sdk::failure_class::rate_limited,
                .code = "too_many_requests",
                .text = sentence(method, "was refused with the HTTP status 429."),
                .retry_after = given.retry_after};
    }
    if (given.code >= 300 && given.code < 400) {
        return {.code = "redirect",
                .text = sentence(method, "was redirected (HTTP status " + status +
                                             "), which is not followed: api_root must name the server itself.")};
    }
    if (given.code < 300) {
        return {.code = "bad_answer", .text = sentence(method, "got an answer that " + given.text + ".")};
    }
    return {.code = http_code(given.code),
            .text = sentence(method, "got the HTTP status " + status + " from a server in between."),
            .retry_after = given.retry_after};
}

request call(std::string_view method, const json::object& parameters) {
    return {.method = method, .body = json::serialize(parameters)};
}

}  // namespace

bool answer::says(std::string_view lower_case_words) const {
    const auto same = [](char said, char wanted) {
        return (said >= 'A' && said <= 'Z' ? static_cast<char>(said - 'A' + 'a') : said) == wanted;
    };
    return std::search(text.begin(), text.end(), lower_case_words.begin(), lower_case_words.end(), same) != text.end();
}

answer parse_answer(const sdk::http_response& response, std::string_view secret) {
    answer given;
    if (!response.answered()) {
        given.host_code = response.result == sdk::status::too_large ? "too_large" : std::string(response.code);
        given.text = without(std::string(response.text), secret);
        given.maybe_written = response.maybe_written;
        return given;
    }
    given.kind = answer_kind::not_api;
    given.code = response.http_status;
    if (const auto seconds = parse_number(response.header("retry-after").value_or(""))) {
        given.retry_after = bounded_pause(*seconds);
    }
    const bool may_be_api = response.http_status < 300 || response.http_status >= 400;
    std::string problem;
    auto body = may_be_api ? parse_json(response.body, problem) : std::nullopt;
    json::object* object = body ? body->if_object() : nullptr;
    const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
    if (ok != nullptr && ok->is_bool() && !ok->get_bool()) {
        read_refusal(*object, secret, given);
    } else if (ok != nullptr && ok->is_bool() && response.http_status < 300 && object->contains("result")) {
        given.kind = answer_kind::result;
        given.result.emplace(std::move(object->at("result")));
    }
    if (given.kind == answer_kind::not_api) {
        const bool html = is_html(response);
        given.bare = !html && trimmed(response.body).empty();
        given.text = html ? "looks like a web page, not JSON" : body ? shape_problem(*body) : problem;
    }
    return given;
}

bool is_unauthorized(const answer& given) {
    const bool refused = given.kind == answer_kind::refused && (given.code == 401 || given.code == 404);
    return refused || (given.kind == answer_kind::not_api && given.code == 401 && given.bare);
}

bool is_webhook_active(const answer& given) {
    return given.kind == answer_kind::refused && given.code == 409 && given.says("webhook is active");
}

sdk::failure failure_of(const answer& given, std::string_view method) {
    switch (given.kind) {
        case answer_kind::refused:
            return refusal_failure(given, method);
        case answer_kind::not_api:
            return foreign_failure(given, method);
        case answer_kind::none:
            return {.code = given.host_code.empty() ? "network" : given.host_code,
                    .text = sentence(method, "failed: ") + given.text};
        case answer_kind::result:
            break;
    }
    assert(false);  // a result is no failure by itself
    return {};
}

sdk::failure wrong_result(const answer& given, std::string_view method, std::string_view right) {
    const std::string is(kind_name(*given.result));
    return {.code = "bad_answer",
            .text = sentence(method, "got a result that is " + is + ", but must be ").append(right).append(".")};
}

std::optional<account> parse_account(const json::value& result) {
    const json::object* object = result.if_object();
    const auto id = object == nullptr ? std::nullopt : integer(*object, "id");
    if (!id) {
        return std::nullopt;
    }
    account who{.id = *id};
    for (const std::string_view key : {"username", "first_name"}) {
        const json::value* name = object->if_contains(key);
        if (who.name.empty() && name != nullptr && name->is_string()) {
            who.name = clean_utf8({name->get_string().data(), name->get_string().size()}, GW_MAX_NAME_BYTES);
        }
    }
    return who;
}

std::vector<std::string> parse_sent_ids(const json::value& result) {
    std::vector<std::string> ids;
    const auto add = [&ids](const json::value& message) {
        const json::object* object = message.if_object();
        const auto id = object == nullptr ? std::nullopt : integer(*object, "message_id");
        if (id.value_or(0) > 0) {
            ids.push_back(std::to_string(*id));
        }
    };
    if (const json::array* album = result.if_array()) {
        std::for_each(album->begin(), album->end(), add);
    } else {
        add(result);
    }
    return ids;
}

request get_me_request() {
    return {.method = "getMe", .body = "{}"};
}

request get_updates_request(std::optional<std::int64_t> offset, std::chrono::seconds timeout, bool chat_members) {
    // Remembered by the server, so what another program asked for is replaced each time.
    json::array kinds{"message",          "edited_message", "channel_post",  "edited_channel_post",
                      "message_reaction", "callback_query", "my_chat_member"};
    if (chat_members) {
        kinds.emplace_back("chat_member");
    }
    json::object parameters{
        {"timeout", timeout.count()}, {"limit", max_updates}, {"allowed_updates", std::move(kinds)}};
    if (offset) {
        parameters["offset"] = *offset;
    }
    return call("getUpdates", parameters);
}

request answer_callback_query_request(std::string_view query) {
    return call("answerCallbackQuery", {{"callback_query_id", query}});
}

request delete_webhook_request() {
    return {.method = "deleteWebhook", .body = "{}"};
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                     : std::nullopt;
}

}  // namespace gateway::telegram
