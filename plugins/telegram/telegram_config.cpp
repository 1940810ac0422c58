#include "telegram_config.hpp"

#include "telegram_protocol.hpp"
#include "telegram_session.hpp"

#include <gateway/cpp/duration.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace gateway::telegram {
namespace {

namespace json = boost::json;
using sdk::config_error;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_secret_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

std::optional<std::string> text(const json::object& table, std::string_view key) {
    const json::value* value = table.if_contains(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        throw config_error(key, "must be a string");
    }
    return std::string(value->get_string().data(), value->get_string().size());
}

std::string api_root(const json::object& table) {
    std::string root = text(table, "api_root").value_or("https://api.telegram.org");
    while (root.ends_with('/')) {
        root.pop_back();
    }
    const std::size_t scheme = root.starts_with("https://") ? 8 : root.starts_with("http://") ? 7 : 0;
    const bool plain = std::all_of(root.begin(), root.end(),
                                   [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '@'; });
    if (scheme == 0 || root.size() == scheme || root.size() > max_api_root_bytes || !plain) {
        throw config_error("api_root", "must be the address of a Bot API server, such as \"https://api.telegram.org\"");
    }
    return root;
}

void read_token(const json::object& table, config& ret_config) {
    const std::string token = text(table, "token").value_or("");
    const std::size_t colon = std::min(token.find(':'), token.size());
    const std::string_view id = std::string_view(token).substr(0, colon);
    const std::string_view random = std::string_view(token).substr(std::min(colon + 1, token.size()));
    if (id.empty() || random.empty() || token.size() > max_token_bytes ||
        !std::all_of(id.begin(), id.end(), is_digit) ||
        !std::all_of(random.begin(), random.end(), is_secret_character)) {
        throw config_error("token", "is no bot token: @BotFather gives them in the form 123456:ABC-def");
    }
    constexpr std::size_t recognisable_bytes = 16;
    const bool random_only = random.size() >= recognisable_bytes;
    ret_config.base_url = api_root(table);
    ret_config.root_bytes = ret_config.base_url.size();
    ret_config.base_url += "/bot" + token;
    ret_config.secret_bytes = random_only ? random.size() : token.size();
    ret_config.secret_at = ret_config.base_url.size() - ret_config.secret_bytes;
    ret_config.base_url += '/';
}

std::chrono::seconds poll_timeout(const json::object& table) {
    const auto given = text(table, "poll_timeout");
    if (!given) {
        return longest_poll;
    }
    const auto parsed = sdk::parse_duration(*given);
    if (!parsed || *parsed < std::chrono::seconds{1} || *parsed > longest_poll ||
        *parsed % std::chrono::seconds{1} != std::chrono::milliseconds{0}) {
        throw config_error("poll_timeout", "must be whole seconds from \"1s\" to \"50s\"");
    }
    return std::chrono::duration_cast<std::chrono::seconds>(*parsed);
}

sdk::http_version http(const json::object& table) {
    const std::string given = text(table, "http").value_or("auto");
    if (given == "auto") {
        return sdk::http_version::automatic;
    }
    if (given == "1") {
        return sdk::http_version::http1;
    }
    if (given == "2") {
        return sdk::http_version::http2;
    }
    if (given == "2-prior-knowledge") {
        return sdk::http_version::http2_prior_knowledge;
    }
    throw config_error("http", R"(must be "auto", "1", "2" or "2-prior-knowledge")");
}

bool addressed_only(const json::object& table) {
    const std::string given = text(table, "groups").value_or("all");
    if (given != "all" && given != "addressed") {
        throw config_error("groups", R"(must be "all" or "addressed")");
    }
    return given == "addressed";
}

bool chat_members(const json::object& table) {
    const json::value* value = table.if_contains("chat_members");
    if (value != nullptr && !value->is_bool()) {
        throw config_error("chat_members", "must be true or false");
    }
    return value != nullptr && value->get_bool();
}

}  // namespace

config parse_config(std::string_view json) {
    json::error_code error;
    const json::value parsed = json::parse(json, error);
    const json::object* table = error ? nullptr : parsed.if_object();
    if (table == nullptr) {
        throw config_error("config", "is no JSON object");
    }
    config made;
    read_token(*table, made);
    made.poll_timeout = poll_timeout(*table);
    made.http = http(*table);
    made.addressed_only = addressed_only(*table);
    made.chat_members = chat_members(*table);
    return made;
}

}  // namespace gateway::telegram
