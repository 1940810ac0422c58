// The verbs of the control endpoint that play the people, and the platform where it is strict with a bot.

#include "support/telegram_control.hpp"
#include "support/telegram_people.hpp"

namespace gateway::test {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& source, std::string_view name) {
    const auto* value = source.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

template <class Container>
Container member_of(const json::object& source, std::string_view name) {
    const auto* value = source.if_contains(name);
    if constexpr (std::is_same_v<Container, json::array>) {
        return value != nullptr && value->is_array() ? value->get_array() : json::array();
    } else {
        return value != nullptr && value->is_object() ? value->get_object() : json::object();
    }
}

// Nothing when there is no such kind of file.
std::optional<sent_file> read_sent_file(const json::object& source) {
    const auto kind = media_kind_of(text_of(source, "kind"));
    if (!kind) {
        return std::nullopt;
    }
    const auto* size = source.if_contains("size");
    sent_file file;
    file.kind = *kind;
    file.content = {.name = text_of(source, "name"),
                    .mime_type = text_of(source, "mime_type"),
                    .bytes = text_of(source, "content"),
                    .size = size != nullptr && size->is_int64() ? static_cast<std::uint64_t>(size->get_int64()) : 0,
                    .attributes = member_of<json::object>(source, "attributes")};
    file.caption = text_of(source, "caption");
    file.caption_entities = member_of<json::array>(source, "caption_entities");
    return file;
}

api_result no_such_kind() {
    return api_result::fail(400, "kind: one of photo, document, video, animation, audio, voice, video_note, sticker");
}

say_options options_of(const checked_params& params) {
    say_options options;
    options.thread = params.integer("thread", 0);
    options.reply_to = params.integer("reply_to", 0);
    return options;
}

struct place_of {
    std::int64_t chat;
    std::int64_t user;
};

place_of read_place(const checked_params& params) {
    const auto chat = params.integer("chat", 1);
    return {chat, params.integer("user", chat > 0 ? chat : 1)};
}

}  // namespace

template <class F>
api_result telegram_control::with_people(const checked_params& params, F f) {
    auto* named = bot(params);
    if (named == nullptr) {
        return no_such_bot();
    }
    return f(*named, telegram_people(*named));
}

api_result telegram_control::raw_update(const checked_params& params) {
    return with_people(params, [&](telegram_bot& bot, telegram_people) {
        const auto* body = params.object("update");
        return body == nullptr || body->contains("update_id")
                   ? api_result::fail(400, "update: an Object without update_id")
                   : said_result(bot.push_raw_update(*body));
    });
}

api_result telegram_control::send_file(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        auto file = read_sent_file(params.values());
        const auto [chat, user] = read_place(params);
        return file ? said_result(people.sends(chat, user, std::move(*file), options_of(params))) : no_such_kind();
    });
}

api_result telegram_control::send_album(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto* items = params.array("items");
        std::vector<sent_file> files;
        for (const auto& item : items == nullptr ? json::array() : *items) {
            auto file = item.is_object() ? read_sent_file(item.get_object()) : std::nullopt;
            if (!file) {
                return no_such_kind();
            }
            files.push_back(std::move(*file));
        }
        const auto [chat, user] = read_place(params);
        json::array sent;
        for (const auto& each : people.sends_album(chat, user, std::move(files), options_of(params))) {
            sent.push_back(said_result(each).result);
        }
        return api_result::ok(std::move(sent));
    });
}

api_result telegram_control::edit_caption(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        return said_result(
            people.edits_caption(params.integer("chat", 1), params.integer("message", 0), params.string("caption")));
    });
}

api_result telegram_control::forward(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto* origin = params.object("origin");
        const auto [chat, user] = read_place(params);
        return origin == nullptr ? api_result::fail(400, "origin: a MessageOrigin")
                                 : said_result(people.forwards(chat, user, params.string("text"), *origin));
    });
}

api_result telegram_control::react(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        std::vector<std::string> emoji;
        if (const auto* list = params.array("emoji")) {
            for (const auto& each : *list) {
                if (!each.is_string()) {
                    return api_result::fail(400, "emoji: an Array of Strings");
                }
                emoji.emplace_back(each.get_string());
            }
        }
        const auto [chat, user] = read_place(params);
        return said_result(people.reacts(chat, user, params.integer("message", 0), emoji));
    });
}

api_result telegram_control::count_reactions(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        std::vector<std::pair<std::string, int>> counts;
        if (const auto* list = params.object("counts")) {
            for (const auto& each : *list) {
                counts.emplace_back(each.key(),
                                    each.value().is_int64() ? static_cast<int>(each.value().get_int64()) : 0);
            }
        }
        return said_result(people.reactions_counted(params.integer("chat", 1), params.integer("message", 0), counts));
    });
}

api_result telegram_control::set_member(const checked_params& params) {
    return with_people(params, [&](telegram_bot& bot, telegram_people people) {
        return said_result(people.membership(params.integer("chat", 1), params.integer("user", bot.id()),
                                             params.string("status"), params.integer("by", 1)));
    });
}

api_result telegram_control::join(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto [chat, user] = read_place(params);
        return said_result(people.joins(chat, {user}));
    });
}

api_result telegram_control::leave(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto [chat, user] = read_place(params);
        return said_result(people.leaves(chat, user));
    });
}

api_result telegram_control::upgrade(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto [last, first] = people.upgrades(params.integer("chat", 0), params.integer("to", 0));
        return api_result::ok(json::array{said_result(last).result, said_result(first).result});
    });
}

api_result telegram_control::open_topic(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        const auto [chat, user] = read_place(params);
        return said_result(people.opens_topic(chat, user, params.string("name")));
    });
}

api_result telegram_control::stop_draft(const checked_params& params) {
    return with_people(params, [&](telegram_bot&, telegram_people people) {
        return said_result(people.stops_draft(params.integer("chat", 1), params.integer("draft_id", 0)));
    });
}

api_result telegram_control::put_on_web(const checked_params& params) {
    return with_people(params, [&](telegram_bot& bot, telegram_people) {
        bot.files().put_on_web(
            std::string(params.string("url")),
            {.name = std::string(params.string("name")),
             .mime_type = std::string(params.string("mime_type")),
             .bytes = std::string(params.string("content")),
             .size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, params.integer("size", 0)))});
        return api_result::ok();
    });
}

api_result telegram_control::pace(const checked_params& params) {
    return with_people(params, [&](telegram_bot& bot, telegram_people) {
        telegram_limits limits;
        const auto read = [&](std::string_view name, telegram_rate& rate) {
            const auto* given = params.array(name);
            const bool fits = given != nullptr && given->size() == 2 && given->at(0).is_int64() &&
                              given->at(1).is_int64() && given->at(0).get_int64() >= 0 && given->at(1).get_int64() > 0;
            if (fits) {
                rate.interval = std::chrono::milliseconds(given->at(0).get_int64());
                rate.burst = static_cast<int>(given->at(1).get_int64());
            }
            return fits || given == nullptr;
        };
        if (!read("per_chat", limits.chat) || !read("per_group", limits.group) ||
            !read("per_account", limits.account)) {
            return api_result::fail(400, "per_chat, per_group, per_account: [interval_ms, burst]");
        }
        bot.pacer().limit(limits);
        return api_result::ok();
    });
}

api_result telegram_control::refusals(const checked_params& params) {
    return with_people(params, [&](telegram_bot& bot, telegram_people) {
        const auto& refused = bot.pacer().refusals();
        return api_result::ok(json::object{{"chat", refused.chat},
                                           {"group", refused.group},
                                           {"account", refused.account},
                                           {"disobedient", refused.disobedient}});
    });
}

api_result telegram_control::route_webhooks(const checked_params& params) {
    const auto port = params.integer("port", 0);
    if (port < 0 || port > 65535) {
        return api_result::fail(400, "port: 0 to 65535");
    }
    api_.route_webhooks(static_cast<std::uint16_t>(port));
    return api_result::ok();
}

std::vector<telegram_control::verb> telegram_control::people_verbs() {
    using enum param_kind;
    const param_spec token{"token", string};
    const param_spec in_chat{"chat", integer};
    const param_spec user{"user", integer};
    const param_spec message{"message", integer};
    return {
        {"raw", {token, {"update", object}}, &telegram_control::raw_update},
        {"send",
         {token,
          in_chat,
          user,
          {"kind", string},
          {"name", string},
          {"mime_type", string},
          {"content", string},
          {"size", integer},
          {"attributes", object},
          {"caption", string},
          {"caption_entities", array},
          {"thread", integer},
          {"reply_to", integer}},
         &telegram_control::send_file},
        {"album",
         {token, in_chat, user, {"items", array}, {"thread", integer}, {"reply_to", integer}},
         &telegram_control::send_album},
        {"edit_caption", {token, in_chat, message, {"caption", string}}, &telegram_control::edit_caption},
        {"forward", {token, in_chat, user, {"text", string}, {"origin", object}}, &telegram_control::forward},
        {"react", {token, in_chat, user, message, {"emoji", array}}, &telegram_control::react},
        {"count_reactions", {token, in_chat, message, {"counts", object}}, &telegram_control::count_reactions},
        {"member", {token, in_chat, user, {"status", string}, {"by", integer}}, &telegram_control::set_member},
        {"join", {token, in_chat, user}, &telegram_control::join},
        {"leave", {token, in_chat, user}, &telegram_control::leave},
        {"upgrade", {token, in_chat, {"to", integer}}, &telegram_control::upgrade},
        {"topic", {token, in_chat, user, {"name", string}}, &telegram_control::open_topic},
        {"stop_draft", {token, in_chat, {"draft_id", integer}}, &telegram_control::stop_draft},
        {"pace", {token, {"per_chat", array}, {"per_group", array}, {"per_account", array}}, &telegram_control::pace},
        {"refusals", {token}, &telegram_control::refusals},
        {"route_webhooks", {{"port", integer}}, &telegram_control::route_webhooks},
        {"web",
         {token, {"url", string}, {"name", string}, {"mime_type", string}, {"content", string}, {"size", integer}},
         &telegram_control::put_on_web},
    };
}

}  // namespace gateway::test
