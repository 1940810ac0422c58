// Updates: what getUpdates gives, turned into events. Pure but for the chats it remembers.
//
// An update that cannot be read never stops the ones after it. Texts and names are mended (UTF-8) and cut to the ABI's
// bounds, so that the host takes whatever came.
#pragma once

#include <gateway/cpp/batch.hpp>
#include <gateway/cpp/delivery.hpp>

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gateway::telegram {

// Which chats this incarnation has put into the directory, and under which title. Past `max_chats` it forgets them all
// and tells them again when they are seen.
class known_chats {
public:
    static constexpr std::size_t max_chats = 1'000;

    // True when the chat is new or changed.
    bool learn(const sdk::chat_view& chat);

private:
    std::unordered_map<std::string, std::size_t> titles_;  // chat → hash of kind and title
};

struct chat_entry {
    sdk::chat_kind kind = sdk::chat_kind::group;
    std::string id{};
    std::string title{};
};

struct incoming {
    sdk::message message{};
    chat_entry chat{};
    std::string dedupe_id{};
};

enum class update_kind : std::uint8_t {
    message,
    unsupported,  // understood, but nothing that the gateway carries: a kind not asked for, a message without text
    unreadable
};

struct parsed_update {
    update_kind kind = update_kind::unreadable;
    incoming what{};  // of `message`
    std::size_t unknown_entities = 0;
    std::string about{};  // otherwise: the kind's name, or what is wrong; no text of a user
};

[[nodiscard]] parsed_update parse_update(const boost::json::value& update, std::int64_t own_id);

// An answer of getUpdates, ready to be committed.
struct received {
    std::optional<std::int64_t> next_offset{};  // the last update's id + 1: ids start over at random, so it may shrink
    sdk::batch events{};
    std::size_t messages = 0;
    std::size_t unsupported = 0;
    std::size_t unknown_entities = 0;       // of kinds that are no style here
    std::string unsupported_kind{};         // of the first of them
    std::vector<std::string> unreadable{};  // what is wrong with each
};

[[nodiscard]] received read_updates(const boost::json::array& updates, std::int64_t own_id, known_chats& chats);

}  // namespace gateway::telegram
