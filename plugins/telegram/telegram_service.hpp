// Service messages: what the platform says about a chat, in sentences for people. Pure.
#pragma once

#include <gateway/cpp/message.hpp>

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

struct service {
    std::string text{};                          // a sentence, no Markdown
    std::vector<sdk::attachment> attachments{};  // the new photo of a chat
    const boost::json::object* about = nullptr;  // the message that was pinned
};

// Nothing when the message is none that is known here. Members who come and go are told one by one: `members_of`.
[[nodiscard]] std::optional<service> read_service(const boost::json::object& message, std::string_view author);

// Service messages that mean something to one bot alone, which nobody answers: a chat that was picked for it, a login.
// The field's name; empty for others.
[[nodiscard]] std::string_view not_carried(const boost::json::object& message);

struct membership {
    sdk::sender who{};
    bool left = false;
    std::string text{};  // a sentence, no Markdown
};
inline constexpr std::size_t max_members = 200;  // of one service message; no group takes more at once

[[nodiscard]] std::vector<membership> members_of(const boost::json::object& message,
                                                 const std::optional<sdk::sender>& author, std::int64_t own_id);

// What to call somebody in a sentence.
[[nodiscard]] std::string called(const std::optional<sdk::sender>& who);
// "Ann added Bob." or, when Bob did it himself, "Bob joined."
[[nodiscard]] std::string membership_words(const std::optional<sdk::sender>& by, const sdk::sender& who, bool left);

}  // namespace gateway::telegram
