#pragma once
// How often a bot may send, when a test turns it on: per chat, per group and per account, each a bucket that fills
// steadily and holds a short burst. The real buckets are unpublished; the defaults are what the platform's FAQ says.
// What finds a bucket empty is answered 429 with the seconds until it is not. Single-threaded, one per bot.
// Bounds: as many buckets as the bot has chats.

#include "support/telegram_clock.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

namespace gateway::test {

struct telegram_rate {
    std::chrono::milliseconds interval{0};  // from one message to the next, in the long run; 0: unlimited
    int burst = 1;                          // so many at once
};

struct telegram_limits {
    telegram_rate chat{std::chrono::milliseconds(1000), 3};
    telegram_rate group{std::chrono::milliseconds(3000), 20};  // groups and supergroups, besides `chat`
    telegram_rate account{std::chrono::milliseconds(33), 30};
};

// How many calls were answered 429 because of which bucket, and how many of those came although the bot had been
// told to wait and had not done so.
struct telegram_refusals {
    std::size_t chat = 0;
    std::size_t group = 0;
    std::size_t account = 0;
    std::size_t disobedient = 0;

    std::size_t all() const { return chat + group + account; }
};

class telegram_pacer {
public:
    void limit(const telegram_limits& limits);
    void unlimited() { limits_.reset(); }
    bool is_limited() const { return limits_.has_value(); }

    // Takes `messages` from the chat's buckets, or nothing and returns the seconds to wait.
    std::optional<int> take(std::int64_t chat, bool is_group, int messages, telegram_clock::time_point now);

    const telegram_refusals& refusals() const { return refusals_; }

private:
    // When the bucket will be full again; a message takes an interval of it.
    using bucket = telegram_clock::time_point;

    static telegram_clock::duration wait_for(const telegram_rate& rate, bucket full_at, int messages,
                                             telegram_clock::time_point now);

    std::optional<telegram_limits> limits_;
    bucket account_{};
    std::map<std::int64_t, bucket> chats_;
    std::map<std::int64_t, bucket> groups_;
    std::map<std::int64_t, telegram_clock::time_point> told_to_wait_;
    telegram_refusals refusals_;
};

}  // namespace gateway::test
