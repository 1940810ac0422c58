// The bot itself: who it is and how it gets its updates.

#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <limits>

namespace gateway::test {
namespace {

namespace json = boost::json;

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
    if (!call.bot.webhook_url.empty()) {
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
    if (bot.webhook_url.empty()) {
        return with_description("Webhook is already deleted");
    }
    bot.webhook_url.clear();
    bot.webhook.clear();
    return with_description("Webhook was deleted");
}

api_result set_webhook(telegram_bot& bot, const checked_params& params) {
    const auto url = params.string("url");
    if (url.empty()) {
        return remove_webhook(bot, params);
    }
    if (!lower(url.substr(0, 8)).starts_with("https://")) {
        return bad_request("bad webhook: An HTTPS URL must be provided for webhook");
    }
    if (params.string("secret_token").size() > 256) {
        return bad_request("secret token is too long");
    }
    if (params.boolean("drop_pending_updates")) {
        bot.feed().keep_newest(0);
    }
    allow_updates(bot, params);
    bot.webhook_url = url;
    bot.webhook = {{"max_connections", params.integer("max_connections", 40)}};
    bot.feed().abort_poll_for_webhook();
    return with_description("Webhook was set");
}

api_result get_webhook_info(telegram_bot& bot, const checked_params&) {
    json::object info{
        {"url", bot.webhook_url}, {"has_custom_certificate", false}, {"pending_update_count", bot.feed().pending()}};
    for (const auto& member : bot.webhook) {
        info[member.key()] = member.value();
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
