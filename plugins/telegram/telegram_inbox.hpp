// Answers of getUpdates → batches of events. One object an incarnation: it remembers the chats it has told of, and the
// albums it waits for. Pure otherwise.
#pragma once

#include "telegram_album.hpp"
#include "telegram_update.hpp"

#include <gateway/cpp/batch.hpp>

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gateway::telegram {

// Which chats this incarnation has put into the directory, and how. Past `max_chats` it forgets them all and tells them
// again when they are seen.
class known_chats {
public:
    static constexpr std::size_t max_chats = 1'000;

    // The entry to tell when the chat is new or changed; borrows from `chat`.
    [[nodiscard]] std::optional<sdk::chat_view> learn(const chat_entry& chat);

private:
    struct known {
        std::size_t shown = 0;     // hash of kind and title
        std::size_t previous = 0;  // hash of the id it had; 0: none
        bool gone = false;
    };
    std::unordered_map<std::string, known> chats_;
};

// What is to be done with an answer.
struct received {
    std::optional<std::int64_t>
        next_offset{};  // the last taken one's id + 1: ids start over at random, so it may shrink
    sdk::batch events{};
    bool waits = false;  // updates are left that are to be asked for again in a moment, with what belongs to them
    std::vector<std::string> queries{};  // callback queries, to be answered at once
    std::size_t left_out = 0;
    std::string first_left_out{};
    std::size_t named_only = 0;  // contents that are only named
    std::string first_named_only{};
    std::size_t unknown_entities = 0;       // of kinds that are no style here
    std::vector<std::string> unreadable{};  // what is wrong with each
};

class inbox {
public:
    [[nodiscard]] received read(const boost::json::array& updates, const reading& how);

private:
    void take(parsed_update& update, received& ret_all);

    known_chats chats_;
    albums albums_;
};

}  // namespace gateway::telegram
