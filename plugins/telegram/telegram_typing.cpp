#include "telegram_typing.hpp"

#include <algorithm>

namespace gateway::telegram {

void typing::show(const std::string& chat, std::optional<std::int64_t> thread, milliseconds now) {
    std::erase_if(shown_, [now](const entry& each) { return each.until <= now; });
    const auto at = std::find_if(shown_.begin(), shown_.end(), [&](const entry& each) {
        return each.where.chat == chat && each.where.thread == thread;
    });
    if (at != shown_.end()) {
        at->until = now + shown_for;
    } else if (shown_.size() < max_chats) {
        shown_.push_back({.where = {chat, thread}, .until = now + shown_for, .next = now});
    }
}

void typing::hide(const std::string& chat, std::optional<std::int64_t> thread) {
    std::erase_if(shown_, [&](const entry& each) { return each.where.chat == chat && each.where.thread == thread; });
}

void typing::pause(const std::string& chat, milliseconds until, milliseconds now) {
    std::erase_if(pauses_, [&](const rest& each) { return each.until <= now || each.chat == chat; });
    if (pauses_.size() >= max_pauses) {
        pauses_.erase(pauses_.begin());
    }
    pauses_.push_back({chat, until});
}

bool typing::is_paused(const std::string& chat, milliseconds now) const {
    return std::any_of(pauses_.begin(), pauses_.end(),
                       [&](const rest& each) { return now < each.until && (each.chat.empty() || each.chat == chat); });
}

std::vector<typing::turn> typing::due(milliseconds now, const std::function<bool(const std::string& chat)>& busy) {
    std::vector<turn> turns;
    std::erase_if(shown_, [now](const entry& each) { return each.until <= now; });
    for (entry& each : shown_) {
        if (each.next > now) {
            continue;
        }
        each.next = now + every;
        if (sending_ < max_sending && !is_paused(each.where.chat, now) && !busy(each.where.chat)) {
            ++sending_;
            turns.push_back(each.where);
        }
    }
    return turns;
}

std::optional<typing::milliseconds> typing::next() const {
    std::optional<milliseconds> soonest;
    for (const entry& each : shown_) {
        if (each.next < each.until && (!soonest || each.next < *soonest)) {
            soonest = each.next;
        }
    }
    return soonest;
}

}  // namespace gateway::telegram
