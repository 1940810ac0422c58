// What a message says: its text or caption in the gateway's Markdown, its files, and in words what is neither (a place,
// a contact, a poll …). Pure.
#pragma once

#include "telegram_addressed.hpp"

#include <gateway/cpp/message.hpp>

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

// Who reads: the bot, as getMe tells it.
struct reader {
    std::int64_t id = 0;
    std::string_view username{};
};

struct content {
    std::string text{};  // the gateway's Markdown, within the ABI's bounds
    std::vector<sdk::attachment> attachments{};
    boost::json::object extra{};  // what words cannot say: coordinates, options …, as the platform gave it
    telegram::command command = command::none;
    bool mentioned = false;            // the reader is
    std::string named_only{};          // the field whose content is not carried but named in the text
    std::size_t unknown_entities = 0;  // of kinds that are no style here

    [[nodiscard]] bool empty() const { return text.empty() && attachments.empty(); }
};

[[nodiscard]] content read_content(const boost::json::object& message, const reader& who);

// What is said about the message where it is quoted: its text, or what it shows in brackets: "[photo]".
[[nodiscard]] std::string in_short(const boost::json::object& message);

// A plain text in the gateway's Markdown.
[[nodiscard]] std::string plain_markdown(std::string_view text);

}  // namespace gateway::telegram
