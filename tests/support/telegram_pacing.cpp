#include "support/telegram_pacing.hpp"

#include <algorithm>

namespace gateway::test {

void telegram_pacer::limit(const telegram_limits& limits) {
    limits_ = limits;
    account_ = {};
    chats_.clear();
    groups_.clear();
    told_to_wait_.clear();
    refusals_ = {};
}

telegram_clock::duration telegram_pacer::wait_for(const telegram_rate& rate, bucket full_at, int messages,
                                                  telegram_clock::time_point now) {
    // More than it ever holds passes when it is full: an album is not cut.
    const auto room = rate.interval * std::max(rate.burst - messages, 0);
    return rate.interval.count() == 0 ? telegram_clock::duration(0) : std::max(full_at, now) - now - room;
}

std::optional<int> telegram_pacer::take(std::int64_t chat, bool is_group, int messages,
                                        telegram_clock::time_point now) {
    if (!limits_) {
        return std::nullopt;
    }
    struct {
        const telegram_rate& rate;
        bucket& full_at;
        std::size_t& count;
    } const asked[] = {{limits_->chat, chats_[chat], refusals_.chat},
                       {limits_->group, groups_[is_group ? chat : 0], refusals_.group},
                       {limits_->account, account_, refusals_.account}};
    for (const auto& each : asked) {
        if (&each.rate == &limits_->group && !is_group) {
            continue;
        }
        const auto wait = wait_for(each.rate, each.full_at, messages, now);
        if (wait > telegram_clock::duration(0)) {
            ++each.count;
            auto& until = told_to_wait_[chat];
            refusals_.disobedient += now < until ? 1 : 0;
            const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
            until = std::max(until, now + seconds);
            return static_cast<int>(seconds.count());
        }
    }
    for (const auto& each : asked) {
        if (&each.rate != &limits_->group || is_group) {
            each.full_at = std::max(each.full_at, now) + each.rate.interval * messages;
        }
    }
    return std::nullopt;
}

}  // namespace gateway::test
