// The commands a bot offers, a list for each scope and language.

#include "support/telegram_lookup.hpp"
#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_commands = 100;
constexpr std::size_t max_name = 32;          // characters
constexpr std::size_t max_description = 256;  // characters

struct scope_kind {
    std::string_view name;
    bool has_chat;
    bool has_user;
};

constexpr std::array<scope_kind, 7> scope_kinds{{{"default", false, false},
                                                 {"all_private_chats", false, false},
                                                 {"all_group_chats", false, false},
                                                 {"all_chat_administrators", false, false},
                                                 {"chat", true, false},
                                                 {"chat_administrators", true, false},
                                                 {"chat_member", true, true}}};

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \n\r\t");
    return from == std::string_view::npos ? std::string_view()
                                          : text.substr(from, text.find_last_not_of(" \n\r\t") - from + 1);
}

failure read_chat(telegram_bot& bot, const json::object& scope, std::string& ret_key) {
    const auto* id = scope.if_contains("chat_id");
    const auto text = id == nullptr     ? std::string()
                      : id->is_int64()  ? std::to_string(id->get_int64())
                      : id->is_string() ? std::string(id->get_string())
                                        : std::string();
    if (text.empty()) {
        return bad_request("can't parse BotCommandScope: chat_id is empty");
    }
    if (bot.find_chat(std::string_view(text)) == nullptr) {
        return bad_request("chat not found");
    }
    ret_key += ' ' + text;
    return std::nullopt;
}

// Which list the call is about, as a key for it.
failure read_place(telegram_bot& bot, const checked_params& params, std::string& ret_key) {
    const auto* scope = params.object("scope");
    std::string key = "default";
    if (scope != nullptr) {
        const auto* type = scope->if_contains("type");
        if (type == nullptr || !type->is_string()) {
            return bad_request("can't parse BotCommandScope: can't find field \"type\"");
        }
        const auto* kind = std::find_if(scope_kinds.begin(), scope_kinds.end(), [&](const scope_kind& candidate) {
            return candidate.name == std::string_view(type->get_string());
        });
        if (kind == scope_kinds.end()) {
            return bad_request("can't parse BotCommandScope: unsupported type specified");
        }
        key = kind->name;
        if (kind->has_chat) {
            if (auto failed = read_chat(bot, *scope, key)) {
                return failed;
            }
        }
        const auto* user = scope->if_contains("user_id");
        if (kind->has_user) {
            if (user == nullptr || !user->is_int64() || user->get_int64() <= 0) {
                return bad_request("can't parse BotCommandScope: invalid user_id specified");
            }
            key += ' ' + std::to_string(user->get_int64());
        }
    }
    const auto language = params.string("language_code");
    const bool is_code = language.size() == 2 &&
                         std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!language.empty() && !is_code) {
        return bad_request("invalid language code specified");
    }
    ret_key = key + '/' + std::string(language);
    return std::nullopt;
}

// Trimmed, without a leading slash, as it is stored.
failure read_command(const json::value& value, json::object& ret_command) {
    const auto* source = value.if_object();
    const auto* name_value = source == nullptr ? nullptr : source->if_contains("command");
    const auto* text_value = source == nullptr ? nullptr : source->if_contains("description");
    if (name_value == nullptr || text_value == nullptr || !name_value->is_string() || !text_value->is_string()) {
        return bad_request("can't parse BotCommand: fields \"command\" and \"description\" must be of type String");
    }
    auto name = trimmed(name_value->get_string());
    const auto description = trimmed(text_value->get_string());
    if (name.starts_with('/')) {
        name.remove_prefix(1);
    }
    if (name.empty()) {
        return bad_request("command must be non-empty");
    }
    if (count_code_points(name) > max_name) {
        return bad_request("command length must not exceed " + std::to_string(max_name));
    }
    if (description.empty()) {
        return bad_request("command description must be non-empty");
    }
    if (count_code_points(description) > max_description) {
        return bad_request("command description length must not exceed " + std::to_string(max_description));
    }
    const bool fits = std::all_of(name.begin(), name.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!fits) {
        return bad_request("BOT_COMMAND_INVALID");
    }
    ret_command = {{"command", name}, {"description", description}};
    return std::nullopt;
}

api_result set_my_commands(telegram_bot& bot, const checked_params& params) {
    std::string key;
    json::array commands;
    if (auto failed = read_place(bot, params, key)) {
        return *failed;
    }
    const auto* given = params.array("commands");
    if (given == nullptr) {
        return bad_request("can't parse commands JSON object");
    }
    for (const auto& value : *given) {
        json::object command;
        if (auto failed = read_command(value, command)) {
            return *failed;
        }
        commands.push_back(std::move(command));
    }
    if (commands.size() > max_commands) {
        return bad_request("BOT_COMMANDS_TOO_MUCH");
    }
    bot.commands[key] = std::move(commands);
    return api_result::ok();
}

api_result get_my_commands(telegram_bot& bot, const checked_params& params) {
    std::string key;
    if (auto failed = read_place(bot, params, key)) {
        return *failed;
    }
    const auto it = bot.commands.find(key);
    return api_result::ok(it == bot.commands.end() ? json::array() : it->second);
}

api_result delete_my_commands(telegram_bot& bot, const checked_params& params) {
    std::string key;
    if (auto failed = read_place(bot, params, key)) {
        return *failed;
    }
    bot.commands.erase(key);
    return api_result::ok();
}

}  // namespace

std::vector<telegram_method> command_methods() {
    using enum param_kind;
    const std::vector<param_spec> place{{"scope", object}, {"language_code", string}};
    return {
        {"setMyCommands", {{"commands", array}, place[0], place[1]}, at_once<set_my_commands>},
        {"getMyCommands", place, at_once<get_my_commands>},
        {"deleteMyCommands", place, at_once<delete_my_commands>},
    };
}

}  // namespace gateway::test
