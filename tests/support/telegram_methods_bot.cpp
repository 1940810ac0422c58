// The bot itself: who it is and how it gets its updates.

#include "support/telegram_lookup.hpp"
#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <limits>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_secret = 256;

void allow_updates(telegram_bot& bot, const checked_params& params) {
    const auto* types = params.array("allowed_updates");
    if (types == nullptr) {
        return;
    }
    std::vector<std::string> names;
    for (const auto& type : *types) {
        if (!type.is_string()) {
            return;  // as the real server: the whole list is ignored
        }
        names.push_back(lower(type.get_string()));
    }
    bot.feed().set_allowed(names);
}

api_result get_me(telegram_bot& bot, const checked_params&) {
    auto user = bot.user_json();
    user["can_join_groups"] = true;
    user["can_read_all_group_messages"] = true;
    user["supports_inline_queries"] = false;
    user["can_connect_to_business"] = false;
    user["has_main_web_app"] = false;
    return api_result::ok(std::move(user));
}

void get_updates(method_call call) {
    if (call.bot.webhook().is_set()) {
        return call.bot.feed().fail_conflict(
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
            "first",
            std::move(call.done));
    }
    const auto offset = call.params.integer("offset", 0);
    const auto limit = call.params.integer("limit", 100);
    const auto timeout = call.params.integer("timeout", 0);
    using int32_limits = std::numeric_limits<std::int32_t>;
    for (const auto value : {offset, limit, timeout}) {
        if (value < int32_limits::min() || value > int32_limits::max()) {
            return call.done(bad_request("offset, limit and timeout must fit into 32 bits"));
        }
    }
    allow_updates(call.bot, call.params);
    call.bot.feed().get_updates(static_cast<std::int32_t>(offset), static_cast<int>(limit), static_cast<int>(timeout),
                                std::move(call.done));
}

api_result with_description(std::string description) {
    auto result = api_result::ok();
    result.description = std::move(description);
    return result;
}

api_result remove_webhook(telegram_bot& bot, const checked_params& params) {
    if (params.boolean("drop_pending_updates")) {
        bot.feed().keep_newest(0);
    }
    if (!bot.webhook().is_set()) {
        return with_description("Webhook is already deleted");
    }
    bot.webhook().remove();
    return with_description("Webhook was deleted");
}

// A self-hosted server (--local) posts to any URL.
failure check_url(std::string_view url, bool is_local) {
    const auto lowered = lower(url);
    const bool is_https = lowered.starts_with("https://");
    if (!is_https && !(is_local && lowered.starts_with("http://"))) {
        return bad_request("bad webhook: An HTTPS URL must be provided for webhook");
    }
    auto host = std::string_view(lowered).substr(lowered.find("//") + 2);
    host = host.substr(0, host.find_first_of("/?#"));
    const auto colon = host.find(':');
    const auto port = colon == std::string_view::npos ? std::string_view("443") : host.substr(colon + 1);
    host = host.substr(0, colon);
    if (host.empty()) {
        return bad_request("bad webhook: invalid webhook URL specified");
    }
    if (is_local) {
        return std::nullopt;
    }
    if (port != "443" && port != "80" && port != "88" && port != "8443") {
        return bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
    }
    if (host == "localhost" || host.starts_with("127.") || host.starts_with("10.") || host.starts_with("192.168.")) {
        return bad_request("bad webhook: IP address " + std::string(host == "localhost" ? "127.0.0.1" : host) +
                           " is reserved");
    }
    return std::nullopt;
}

failure check_secret(std::string_view secret) {
    if (secret.size() > max_secret) {
        return bad_request("secret token is too long");
    }
    const bool fits = std::all_of(secret.begin(), secret.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    return fits ? std::nullopt : failure(bad_request("secret token contains unallowed characters"));
}

api_result set_webhook(telegram_bot& bot, const checked_params& params) {
    const auto url = params.string("url");
    if (url.empty()) {
        return remove_webhook(bot, params);
    }
    if (auto failed = check_secret(params.string("secret_token"))) {
        return *failed;
    }
    if (auto failed = check_url(url, bot.is_local)) {
        return *failed;
    }
    if (params.boolean("drop_pending_updates")) {
        bot.feed().keep_newest(0);
    }
    allow_updates(bot, params);
    const auto connections =
        std::clamp<std::int64_t>(params.integer("max_connections", 40), 1, telegram_webhook::max_connections);
    const webhook_settings wanted{std::string(url), std::string(params.string("secret_token")),
                                  static_cast<int>(connections)};
    const auto& current = bot.webhook().settings();
    const bool is_same = current.url == wanted.url && current.secret_token == wanted.secret_token &&
                         current.max_connections == wanted.max_connections;
    if (!is_same) {
        bot.webhook().set(wanted);
    }
    return with_description(is_same ? "Webhook is already set" : "Webhook was set");
}

api_result get_webhook_info(telegram_bot& bot, const checked_params&) {
    auto info = bot.webhook().info();
    const auto types = bot.feed().allowed();
    if (bot.webhook().is_set() && !bot.feed().allows_default()) {
        info["allowed_updates"] = json::array(types.begin(), types.end());
    }
    return api_result::ok(std::move(info));
}

}  // namespace

std::vector<telegram_method> bot_methods() {
    using enum param_kind;
    return {
        {"getMe", {}, at_once<get_me>},
        {"getUpdates",
         {{"offset", integer}, {"limit", integer}, {"timeout", integer}, {"allowed_updates", array}},
         get_updates},
        {"setWebhook",
         {{"url", string},
          {"ip_address", string},
          {"max_connections", integer},
          {"allowed_updates", array},
          {"drop_pending_updates", boolean},
          {"secret_token", string}},
         at_once<set_webhook>},
        {"deleteWebhook", {{"drop_pending_updates", boolean}}, at_once<remove_webhook>},
        {"getWebhookInfo", {}, at_once<get_webhook_info>},
    };
}

}  // namespace gateway::test
