#include "reconnect/retry.hpp"

#include <algorithm>
#include <limits>

namespace gateway::reconnect {

namespace {

void count_attempt(retry_state& s, const policy& p) {
    const std::uint32_t most = p.max_attempts != 0 ? p.max_attempts : std::numeric_limits<std::uint32_t>::max();
    s.attempts = std::min(s.attempts, most - 1) + 1;
}

bool exhausted(const retry_state& s, const policy& p) {
    return p.max_attempts != 0 && s.attempts >= p.max_attempts;
}

bool take_quick(retry_state& s, const policy& p, const failure& why, quick_log& log, time_point now) {
    const bool patience_asked = why.cls == failure_class::rate_limited && !why.retry_after;
    const bool granted = s.in_quick && !s.ladder_only && !patience_asked && s.quick_next < p.quick.size() &&
                         log.take(p.quick_budget, now);
    if (s.in_quick && !granted) {
        s.in_quick = false;
        s.ladder_only = true;
    }
    return granted;
}

decision retry_in(duration delay, const policy& p, const failure& why, time_point now, random_source& random) {
    return {verdict::retry, now + with_floor(with_jitter(p, delay, random), why.retry_after), true, false};
}

decision quick_or_ladder(retry_state& s, const policy& p, const failure& why, bool quick, time_point now,
                         random_source& random) {
    if (quick) {
        return retry_in(p.quick[s.quick_next++], p, why, now, random);
    }
    return retry_in(ladder_delay(p, std::max(s.attempts - s.quick_failures, 1U)), p, why, now, random);
}

decision give_up(retry_state& s, const policy& p, const failure& why, time_point now, random_source& random) {
    const bool already = s.gave_up;
    s.gave_up = true;
    if (p.probe <= duration::zero()) {
        return {verdict::give_up, {}, false, !already};
    }
    return {verdict::give_up, now + with_floor(with_jitter(p, p.probe, random), why.retry_after), true, !already};
}

}  // namespace

decision after_failed_connect(retry_state& s, const policy& p, const failure& why, quick_log& log, time_point now,
                              random_source& random) {
    count_attempt(s, p);
    if (!retryable(why.cls)) {
        return {};
    }
    if (exhausted(s, p)) {
        return give_up(s, p, why, now, random);
    }
    const bool quick = take_quick(s, p, why, log, now);
    if (quick) {
        ++s.quick_failures;
    }
    return quick_or_ladder(s, p, why, quick, now, random);
}

decision after_loss(retry_state& s, const policy& p, const failure& why, quick_log& log, time_point now,
                    random_source& random) {
    if (!retryable(why.cls)) {
        return {};
    }
    s.in_quick = true;
    s.quick_next = 0;
    const bool quick = take_quick(s, p, why, log, now);
    if (!quick && s.lost_before) {
        count_attempt(s, p);
    }
    s.lost_before = true;
    if (exhausted(s, p)) {
        return give_up(s, p, why, now, random);
    }
    return quick_or_ladder(s, p, why, quick, now, random);
}

void became_online(retry_state& s) {
    s.gave_up = false;
}

void became_stable(retry_state& s) {
    s = {};
}

}  // namespace gateway::reconnect
