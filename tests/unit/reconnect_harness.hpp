#pragma once
// The real scheduler with a manual clock and scripted adapters: carries out and counts every action as the host's
// driver does. Checks after each step that the scheduler is consistent and that no slot ever has two incarnations
// alive.

#include "reconnect/scheduler.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::reconnect::testing {

using namespace std::chrono_literals;

inline failure trouble(failure_class cls, std::string code = "code", std::optional<duration> retry_after = {}) {
    return {cls, std::move(code), "a sentence", retry_after};
}

/// The contract's defaults, without jitter, so that times are exact.
inline policy exact() {
    return {.jitter = 0.0};
}

struct connect_result {
    enum kind { ok, hang, fail } what = ok;
    failure why{};
    duration after = 0ms;  // how long the connect takes
};

inline connect_result succeeds(duration after = 0ms) {
    return {connect_result::ok, {}, after};
}
inline connect_result hangs() {
    return {connect_result::hang, {}, 0ms};
}
inline connect_result fails(failure why, duration after = 0ms) {
    return {connect_result::fail, std::move(why), after};
}
inline connect_result fails(failure_class cls) {
    return fails(trouble(cls));
}

/// How one instance behaves. The last entry of `connect` repeats.
struct script {
    std::deque<connect_result> connect{succeeds()};
    std::optional<failure> create_fails{};
    std::optional<duration> lose_after{};  // once online
    failure lose = trouble(failure_class::transient, "reset");
    std::optional<duration> close_after = 0ms;  // nothing: it never closes
};

class scripted_fleet {
public:
    explicit scripted_fleet(settings s = {}, std::uint64_t seed = 1) : machine{s, actions_, seed} {}

    struct counters {
        std::vector<time_point> creates;
        int publishes = 0, unpublishes = 0, closes = 0, destroys = 0, abandoned = 0, gave_up = 0, removed = 0;
        int settings_handed = 0, deliveries_released = 0;
        std::vector<std::pair<state, state>> moves;
    };

    // Parts of the host that the actions drive.
    time_point now{std::chrono::hours{1}};
    int directory_rebuilds = 0;
    std::vector<int> exits;
    int stopped_all = 0;
    int wake_ups = 0;
    std::map<std::uint32_t, script> scripts;
    std::map<std::uint32_t, counters> seen;
    std::map<std::uint32_t, incarnation_id> alive;

private:
    action_list actions_;  // before `machine`, which refers to it

public:
    scheduler machine;

    slot_id add(std::uint32_t slot, script s, const policy& p = exact()) {
        scripts[slot] = std::move(s);
        CHECK(machine.add(slot_id{slot}, p, now) == outcome::applied);
        carry_out();
        return slot_id{slot};
    }

    /// An event from outside: then everything that follows from it at this moment.
    template <typename Event>
    outcome tell(Event event) {
        const outcome result = event(machine, now);
        carry_out();
        return result;
    }
    outcome lose(slot_id slot, failure why) {
        return tell([&](scheduler& m, time_point t) { return m.lost(slot, incarnation(slot), std::move(why), t); });
    }
    outcome pause(slot_id slot) {
        return tell([&](scheduler& m, time_point t) { return m.pause(slot, t); });
    }
    outcome resume(slot_id slot) {
        return tell([&](scheduler& m, time_point t) { return m.resume(slot, t); });
    }
    outcome reconnect(slot_id slot) {
        return tell([&](scheduler& m, time_point t) { return m.reconnect(slot, t); });
    }
    outcome reconfigure(slot_id slot, const policy& p = exact()) {
        return tell([&](scheduler& m, time_point t) { return m.reconfigure(slot, p, t); });
    }
    outcome set_policy(slot_id slot, const policy& p) {
        return tell([&](scheduler& m, time_point t) { return m.set_policy(slot, p, t); });
    }
    outcome new_generation(slot_id slot) {
        return tell([&](scheduler& m, time_point t) { return m.new_generation(slot, t); });
    }
    outcome remove(slot_id slot) {
        return tell([&](scheduler& m, time_point t) { return m.remove(slot, t); });
    }
    void stop_all(duration budget) {
        machine.stop_all(budget, now);
        carry_out();
    }

    /// Lets time pass up to `end`, jumping from one due thing to the next.
    void run_until(time_point end) {
        while (const auto next = next_due()) {
            if (*next > end) {
                break;
            }
            now = std::max(now, *next);
            if (!pending_.empty() && pending_.begin()->first <= now) {
                const happening h = pending_.extract(pending_.begin()).mapped();
                happen(h);
            } else {
                ++wake_ups;
                machine.advance(now);
            }
            carry_out();
        }
        now = end;
    }
    void run_for(duration d) { run_until(now + d); }

    status at(slot_id slot) const {
        const auto s = machine.status_of(slot);
        REQUIRE(s.has_value());
        return *s;
    }
    state state_of(slot_id slot) const { return at(slot).at; }
    incarnation_id incarnation(slot_id slot) const { return at(slot).incarnation; }
    counters& of(slot_id slot) { return seen[static_cast<std::uint32_t>(slot)]; }
    int creates(slot_id slot) { return static_cast<int>(of(slot).creates.size()); }
    script& script_of(slot_id slot) { return scripts[static_cast<std::uint32_t>(slot)]; }
    duration until_retry(slot_id slot) const {
        const auto next = at(slot).next_retry;
        REQUIRE(next.has_value());
        return std::chrono::duration_cast<duration>(*next - now);
    }
    /// The waits between the creates of a slot.
    std::vector<duration> gaps(slot_id slot) {
        std::vector<duration> result;
        const auto& times = of(slot).creates;
        for (std::size_t i = 1; i < times.size(); ++i) {
            result.push_back(std::chrono::duration_cast<duration>(times[i] - times[i - 1]));
        }
        return result;
    }
    bool has_pending(slot_id slot) const {
        return std::any_of(pending_.begin(), pending_.end(), [&](const auto& p) { return p.second.slot == slot; });
    }

    void carry_out() {
        for (std::size_t i = 0; i < actions_.size(); ++i) {
            const action next = actions_[i];
            carry_out(next);
        }
        actions_.clear();
        REQUIRE(machine.invariants_hold());
    }

private:
    struct happening {
        enum kind { connected, lost, closed } what;
        slot_id slot;
        incarnation_id incarnation;
        failure why;
    };

    std::optional<time_point> next_due() const {
        auto next = machine.next_deadline();
        if (!pending_.empty()) {
            next = next ? std::min(*next, pending_.begin()->first) : pending_.begin()->first;
        }
        return next;
    }

    void later(duration after, happening h) {
        if (after == 0ms) {
            happen(h);
        } else {
            pending_.emplace(now + after, std::move(h));
        }
    }

    void happen(const happening& h) {
        switch (h.what) {
            case happening::connected:
                machine.connected(h.slot, h.incarnation, now);
                break;
            case happening::lost:
                machine.lost(h.slot, h.incarnation, h.why, now);
                break;
            case happening::closed:
                machine.closed(h.slot, h.incarnation, now);
                break;
        }
    }

    void create(const action& a, counters& c, const script& s, std::deque<connect_result>& results) {
        const auto slot = static_cast<std::uint32_t>(a.slot);
        c.creates.push_back(now);
        REQUIRE_MESSAGE(!alive.contains(slot), "two incarnations alive in slot " << slot);
        if (s.create_fails) {
            machine.create_failed(a.slot, a.incarnation, *s.create_fails, now);
            return;
        }
        alive.emplace(slot, a.incarnation);
        const connect_result r = results.front();
        if (results.size() > 1) {
            results.pop_front();
        }
        if (r.what == connect_result::ok) {
            later(r.after, {happening::connected, a.slot, a.incarnation, {}});
        } else if (r.what == connect_result::fail) {
            later(r.after, {happening::lost, a.slot, a.incarnation, r.why});
        }
    }

    void carry_out(const action& a) {
        const auto slot = static_cast<std::uint32_t>(a.slot);
        counters& c = seen[slot];
        script& s = scripts[slot];
        switch (a.kind) {
            case action_kind::changed:
                CHECK(may_move(a.from, a.to));
                c.moves.emplace_back(a.from, a.to);
                break;
            case action_kind::create:
                create(a, c, s, s.connect);
                break;
            case action_kind::publish:
                ++c.publishes;
                ++c.settings_handed;
                ++c.deliveries_released;
                ++directory_rebuilds;
                if (s.lose_after) {
                    pending_.emplace(now + *s.lose_after, happening{happening::lost, a.slot, a.incarnation, s.lose});
                }
                break;
            case action_kind::unpublish:
                ++c.unpublishes;
                break;
            case action_kind::close:
                ++c.closes;
                if (alive.contains(slot) && s.close_after) {
                    later(*s.close_after, {happening::closed, a.slot, a.incarnation, {}});
                }
                break;
            case action_kind::destroy:
                ++c.destroys;
                c.abandoned += a.abandoned ? 1 : 0;
                REQUIRE(alive.contains(slot));
                CHECK(alive.at(slot) == a.incarnation);
                alive.erase(slot);
                break;
            case action_kind::gave_up:
                ++c.gave_up;
                break;
            case action_kind::removed:
                ++c.removed;
                break;
            case action_kind::exit:
                exits.push_back(a.exit_code);
                break;
            case action_kind::stopped_all:
                ++stopped_all;
                break;
        }
    }

    std::multimap<time_point, happening> pending_;
};

}  // namespace gateway::reconnect::testing
