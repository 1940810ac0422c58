// One update of the Bot API → events. Pure.
//
//   message, edited_message, channel_post, edited_channel_post → message, edit; service messages → system messages,
//       members; a group that became a supergroup → an entry of the chat directory
//   callback_query → interaction      message_reaction → reactions      chat_member → member
//   my_chat_member → an entry of the chat directory
//
// An update that cannot be read never stops the ones after it. Texts and names are mended (UTF-8) and cut to the ABI's
// bounds, so that the host takes whatever came. At most `max_events_of_update` events come of one update.
#pragma once

#include "telegram_service.hpp"
#include "telegram_who.hpp"

#include <gateway/cpp/batch.hpp>

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gateway::telegram {

inline constexpr std::size_t max_events_of_update = max_members + 1;

// How updates are read.
struct reading {
    std::int64_t own_id = 0;
    std::string username{};       // without "@"
    bool addressed_only = false;  // in groups: nothing else of what people say and do there
    bool chat_members = false;    // who comes and goes is told by chat_member: service messages say it a second time
};

struct incoming {
    sdk::event_kind kind = sdk::event_kind::message;
    sdk::message message{};
    boost::json::object extra{};  // of the message
    std::string dedupe_id{};
};

enum class update_kind : std::uint8_t {
    taken,     // all it says is in `events` and `chat`
    left_out,  // understood, but nothing that the gateway carries, or not for us
    unreadable
};

struct parsed_update {
    update_kind kind = update_kind::unreadable;
    std::vector<incoming> events{};
    std::optional<chat_entry> chat{};  // where it happened, or what became of that
    std::string query{};               // a callback query, to be answered at once
    std::string about{};               // unless taken: the kind's name, or what is wrong; no text of a user
    std::string named_only{};          // a content that is only named in the text: its field
    std::size_t unknown_entities = 0;
    // Of a new message, for gathering albums: see telegram_album.hpp.
    bool is_message = false;
    std::string album{};    // the platform's id of the album that the only event belongs to
    bool unwanted = false;  // of an album: left out unless one of its messages is addressed to us
    std::int64_t date_ms = 0;
};

[[nodiscard]] parsed_update parse_update(const boost::json::value& update, const reading& how);

// The id of an update, when it can be acknowledged.
[[nodiscard]] std::optional<std::int64_t> update_id(const boost::json::value& update);

}  // namespace gateway::telegram
