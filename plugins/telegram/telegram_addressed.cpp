#include "telegram_addressed.hpp"

#include "telegram_entities.hpp"
#include "telegram_json.hpp"
#include "telegram_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// User names are ASCII and known without regard to case.
bool same_name(std::string_view one, std::string_view other) {
    return !one.empty() && std::equal(one.begin(), one.end(), other.begin(), other.end(),
                                      [](char a, char b) { return lower(a) == lower(b); });
}

// The part of the text that begins after so many UTF-16 units.
std::string_view after_units(std::string_view valid, std::int64_t units) {
    std::size_t at = 0;
    while (at < valid.size() && units > 0) {
        const std::size_t bytes = utf8::decode(valid, at).bytes;
        units -= bytes == 4 ? 2 : 1;
        at += bytes;
    }
    return valid.substr(at);
}

const json::object* entity_at(const json::value* entities, std::size_t index) {
    const json::array* all = entities == nullptr ? nullptr : entities->if_array();
    return all == nullptr || index >= std::min(all->size(), max_entities_read) ? nullptr : (*all)[index].if_object();
}

std::size_t count_of(const json::value* entities) {
    const json::array* all = entities == nullptr ? nullptr : entities->if_array();
    return all == nullptr ? 0 : std::min(all->size(), max_entities_read);
}

// The length of the command that the text begins with.
std::size_t command_bytes(std::string_view text, const json::value* entities) {
    for (std::size_t index = 0; index < count_of(entities); ++index) {
        const json::object* entity = entity_at(entities, index);
        if (entity != nullptr && raw_text_in(*entity, "type") == "bot_command" && integer_in(*entity, "offset") == 0) {
            const std::int64_t length = integer_in(*entity, "length").value_or(0);  // of ASCII
            return length > 0 && static_cast<std::uint64_t>(length) <= text.size() ? static_cast<std::size_t>(length)
                                                                                   : 0;
        }
    }
    return 0;
}

}  // namespace

command take_command(markdown::rich_text& ret_text, const json::value* entities, std::string_view username) {
    const std::size_t end = command_bytes(ret_text.text, entities);
    const std::size_t at = std::string_view(ret_text.text).substr(0, end).find('@');
    if (at == std::string_view::npos) {
        return command::none;
    }
    if (!same_name(std::string_view(ret_text.text).substr(at + 1, end - at - 1), username)) {
        return command::others;
    }
    const std::size_t removed = end - at;
    ret_text.text.erase(at, removed);
    for (markdown::span& each : ret_text.spans) {
        for (std::size_t* place : {&each.begin, &each.end}) {
            *place = *place >= end ? *place - removed : std::min(*place, at);
        }
    }
    ret_text = markdown::normalized(std::move(ret_text));
    return command::ours;
}

bool mentions(std::string_view valid, const json::value* entities, std::string_view username, std::int64_t own_id) {
    // Each place is looked for from the start, so few of them are; a text of the platform has a hundred at most.
    constexpr std::size_t most = 100;
    std::size_t looked_for = 0;
    for (std::size_t index = 0; index < count_of(entities) && looked_for < most; ++index) {
        const json::object* entity = entity_at(entities, index);
        if (entity == nullptr) {
            continue;
        }
        const std::string_view type = raw_text_in(*entity, "type");
        if (type == "text_mention") {
            const json::object* user = object_in(*entity, "user");
            if (user != nullptr && integer_in(*user, "id") == own_id) {
                return true;
            }
        } else if (type == "mention" &&
                   integer_in(*entity, "length") == static_cast<std::int64_t>(username.size()) + 1) {
            ++looked_for;
            const std::string_view said = after_units(valid, integer_in(*entity, "offset").value_or(0));
            if (said.starts_with('@') && same_name(said.substr(1, username.size()), username)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace gateway::telegram
