#pragma once
// The people around a bot, as far as they do more than write, edit and press buttons (telegram_bot has those): each
// function makes an update of the shape the platform gives it. A view of a bot, used on its thread. What comes back
// tells the update's id, 0 where the bot has not allowed the kind (chat_member and reactions must be asked for).

#include "support/telegram_bot.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::test {

// A file somebody sends.
struct sent_file {
    media_kind kind = media_kind::photo;
    file_content content{};
    std::string caption{};
    boost::json::array caption_entities{};
};

// A member of a chat as getChatMember and the updates show one.
boost::json::object member_json(boost::json::object user, std::string_view status);

// Where a forwarded message comes from; to be put into say_options.extra as "forward_origin".
boost::json::object origin_user(std::int64_t id, std::string_view first_name, std::int64_t date);
boost::json::object origin_hidden(std::string_view name, std::int64_t date);
boost::json::object origin_channel(std::int64_t id, std::string_view title, std::int64_t message, std::int64_t date);

// Content of a message that is neither text nor a file; to be put into say_options.extra.
boost::json::object location_fields(double latitude, double longitude);
boost::json::object venue_fields(double latitude, double longitude, std::string_view title, std::string_view address);
boost::json::object contact_fields(std::string_view phone_number, std::string_view first_name);
boost::json::object poll_fields(std::string_view question, const std::vector<std::string>& options);

class telegram_people {
public:
    explicit telegram_people(telegram_bot& bot) : bot_(bot) {}

    said sends(std::int64_t chat, std::int64_t user, sent_file file, say_options options = {});
    // One update for each, in order, with a group of their own.
    std::vector<said> sends_album(std::int64_t chat, std::int64_t user, std::vector<sent_file> files,
                                  const say_options& options = {});
    said forwards(std::int64_t chat, std::int64_t user, std::string_view text, boost::json::object origin);
    // Answers a part of a message of this chat.
    said quotes(std::int64_t chat, std::int64_t user, std::int64_t message, std::string_view quote,
                std::string_view text);
    // Answers a message of another chat, which the bot does not see.
    said quotes_elsewhere(std::int64_t chat, std::int64_t user, boost::json::object origin, std::string_view quote,
                          std::string_view text);
    said edits_caption(std::int64_t chat, std::int64_t message, std::string_view caption,
                       boost::json::array entities = {});

    // What the user's reactions to the message are from now on; none takes them back.
    said reacts(std::int64_t chat, std::int64_t user, std::int64_t message, const std::vector<std::string>& emoji);
    // Where reactions are anonymous only their numbers are told.
    said reactions_counted(std::int64_t chat, std::int64_t message,
                           const std::vector<std::pair<std::string, int>>& counts);

    // The user's status (member, administrator, restricted, left, kicked, creator) becomes this one. The bot itself is
    // told of itself, and cannot write where it is left or kicked.
    said membership(std::int64_t chat, std::int64_t user, std::string_view status, std::int64_t by = 1);
    said blocks_bot(std::int64_t user);
    said unblocks_bot(std::int64_t user);
    // The messages a group shows of it.
    said joins(std::int64_t chat, const std::vector<std::int64_t>& users);
    said leaves(std::int64_t chat, std::int64_t user);
    // The group's last message names the supergroup, whose first one names the group.
    std::pair<said, said> upgrades(std::int64_t group, std::int64_t supergroup);
    // Opens a topic in a forum; its id is that of the message that opens it.
    said opens_topic(std::int64_t chat, std::int64_t user, std::string_view name);
    // Presses the button under a draft that can be stopped.
    said stops_draft(std::int64_t chat, std::int64_t draft);

private:
    said set_status(telegram_chat& chat, boost::json::object user, std::string_view status, boost::json::object by);
    boost::json::object who(std::int64_t user);

    telegram_bot& bot_;
};

}  // namespace gateway::test
