// Albums: several messages with one `media_group_id`, each in an update of its own, become one message. Pure.
//
// The one message is the first one's, with the files of all, the captions in order, and the ids of the others as
// "album" in its extra, since an answer may name any of them.
//
// An album is whole when it has ten messages, when its chat said something else after it, when anything in the answer
// is from `album_age_ms` later or more, or when it has not grown since it was last looked at: the session waits a
// moment before it looks again. One object an incarnation, used for each answer in turn.
#pragma once

#include "telegram_update.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gateway::telegram {

inline constexpr std::size_t max_album = 10;         // the platform's bound
inline constexpr std::int64_t album_age_ms = 2'000;  // the platform sends an album's messages at once

class albums {
public:
    // Joins the albums that are whole and returns how many of the updates, from the first one on, can be taken now.
    // The next one begins an album that may not be whole; it and what follows are to be asked for again.
    [[nodiscard]] std::size_t gather(std::vector<parsed_update>& updates);

private:
    using seen = std::pair<std::string, std::size_t>;  // an album, and how many of its messages

    std::vector<seen> waited_for_;  // at most one for each update of an answer
};

}  // namespace gateway::telegram
