#include "reconnect/policy.hpp"

#include <algorithm>
#include <cmath>

namespace gateway::reconnect {

namespace {

bool within(duration value, duration least) {
    return value >= least && value <= longest_setting;
}

}  // namespace

std::optional<std::string> problem(const policy& p) {
    using namespace std::chrono_literals;
    if (!within(p.initial, 1ms)) {
        return "reconnect.initial must be from 1ms to 30 days";
    }
    if (!(p.factor >= 1.0 && p.factor <= 100.0)) {
        return "reconnect.factor must be from 1.0 to 100.0";
    }
    if (!within(p.max, p.initial)) {
        return "reconnect.max must be at least reconnect.initial and at most 30 days";
    }
    if (!(p.jitter >= 0.0 && p.jitter <= 0.9)) {
        return "reconnect.jitter must be from 0.0 to 0.9";
    }
    if (!within(p.probe, 0ms)) {
        return "reconnect.probe must be from 0s (never) to 30 days";
    }
    if (p.quick.size() > max_quick_retries) {
        return "reconnect.quick must have at most 16 entries";
    }
    if (!std::all_of(p.quick.begin(), p.quick.end(), [](duration d) { return within(d, 0ms); })) {
        return "reconnect.quick must hold durations from 0s to 30 days";
    }
    if (p.quick_budget > max_quick_budget) {
        return "reconnect.quick_budget must be at most 256";
    }
    if (!within(p.stable_after, 0ms)) {
        return "reconnect.stable_after must be from 0s to 30 days";
    }
    if (!within(p.connect_timeout, 1ms)) {
        return "reconnect.connect_timeout must be from 1ms to 30 days";
    }
    if (!within(p.close_timeout, 1ms)) {
        return "reconnect.close_timeout must be from 1ms to 30 days";
    }
    return std::nullopt;
}

duration ladder_delay(const policy& p, std::uint32_t rung) {
    const double steps = rung > 1 ? static_cast<double>(rung - 1) : 0.0;
    const double delay_ms = static_cast<double>(p.initial.count()) * std::pow(p.factor, steps);
    if (delay_ms >= static_cast<double>(p.max.count())) {
        return p.max;
    }
    return duration{std::llround(delay_ms)};
}

duration with_jitter(const policy& p, duration delay, random_source& random) {
    if (p.jitter <= 0.0 || delay <= duration::zero()) {
        return std::max(delay, duration::zero());
    }
    std::uniform_real_distribution<double> share{-p.jitter, p.jitter};
    const double delay_ms = static_cast<double>(delay.count()) * (1.0 + share(random));
    return std::max(duration{std::llround(delay_ms)}, duration::zero());
}

duration with_floor(duration delay, const std::optional<duration>& retry_after) {
    if (!retry_after) {
        return delay;
    }
    return std::max(delay, std::min(*retry_after, max_retry_after));
}

bool quick_log::take(std::uint32_t budget, time_point now) {
    std::erase_if(times_, [now](time_point taken) { return now - taken >= quick_window; });
    if (times_.size() >= budget) {
        return false;
    }
    times_.reserve(budget);
    times_.push_back(now);
    return true;
}

void quick_log::clear() {
    times_.clear();
}

}  // namespace gateway::reconnect
