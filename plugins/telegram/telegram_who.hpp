// Users and chats of the Bot API as senders and entries of the chat directory. Pure.
//
// Ids are decimal numbers, names are mended and at most GW_MAX_NAME_BYTES long.
#pragma once

#include <gateway/cpp/message.hpp>

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gateway::telegram {

struct chat_entry {
    sdk::chat_kind kind = sdk::chat_kind::group;
    std::string id{};
    std::string title{};
    std::string previous_id{};
    std::optional<bool> gone{};  // nothing is said about it

    [[nodiscard]] sdk::chat_view view(bool known_as_gone) const {
        return {kind, id, title, previous_id, gone.value_or(known_as_gone)};
    }
};

// "First Last", else the user name.
[[nodiscard]] std::string full_name(const boost::json::object& user);
[[nodiscard]] std::string title_of(const boost::json::object& chat);

// Nothing where there is no id.
[[nodiscard]] std::optional<sdk::sender> user_as_sender(const boost::json::object* user, std::int64_t own_id);
[[nodiscard]] std::optional<sdk::sender> chat_as_sender(const boost::json::object* chat);
[[nodiscard]] std::optional<chat_entry> chat_in(const boost::json::object& from);  // under "chat"

// Who speaks: `sender_chat` (a channel, or an administrator who hides behind the group) before `from`, which is a
// stand-in then.
[[nodiscard]] std::optional<sdk::sender> author_of(const boost::json::object& message, std::int64_t own_id);

// Who said a forwarded message, or one of another chat, first. People who hide have a name and no id.
[[nodiscard]] std::optional<sdk::sender> origin_as_sender(const boost::json::object* origin, std::int64_t own_id);

}  // namespace gateway::telegram
