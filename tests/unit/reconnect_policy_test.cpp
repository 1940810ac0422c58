// Failure classes, states, delays: the plain values under the scheduler.

#include "unit/reconnect_harness.hpp"

#include <cmath>
#include <limits>

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

TEST_CASE("reconnect: failure classes keep their words, and only configuration's are not retryable") {
    using enum failure_class;
    const std::vector<std::pair<failure_class, std::string>> words{{transient, "transient"},
                                                                   {rate_limited, "rate_limited"},
                                                                   {conflict, "conflict"},
                                                                   {internal, "internal"},
                                                                   {auth, "auth"},
                                                                   {config, "config"},
                                                                   {unsupported, "unsupported"}};
    for (const auto& [cls, word] : words) {
        CHECK(to_string(cls) == word);
        CHECK(failure_class_from_string(word) == cls);
        CHECK(retryable(cls) == (cls < auth));
        CHECK(needs_configuration(cls) == !retryable(cls));
    }
    CHECK_FALSE(failure_class_from_string("Transient").has_value());
    CHECK_FALSE(failure_class_from_string("").has_value());
}

TEST_CASE("reconnect: states keep the control API's words") {
    const std::vector<std::string> words{"absent",  "waiting", "connecting", "online",
                                         "closing", "failed",  "gave_up",    "paused"};
    for (std::size_t i = 0; i < state_count; ++i) {
        CHECK(to_string(static_cast<state>(i)) == words[i]);
        CHECK(state_from_string(words[i]) == static_cast<state>(i));
    }
    CHECK_FALSE(state_from_string("dead").has_value());
}

TEST_CASE("reconnect: no incarnation is ever alive before its teardown on the way to another one") {
    for (std::size_t i = 0; i < state_count; ++i) {
        for (std::size_t j = 0; j < state_count; ++j) {
            const auto from = static_cast<state>(i);
            const auto to = static_cast<state>(j);
            if (is_alive(from) && !is_alive(to) && from != state::closing) {
                // Only what could not be created at all goes without a teardown.
                CHECK(may_move(from, to) == (from == state::connecting && to == state::failed));
            }
            if (to == state::connecting) {
                CHECK((!may_move(from, to) || from == state::waiting || from == state::gave_up));
            }
        }
    }
}

TEST_CASE("reconnect: the defaults are the contract's, and have no problem") {
    const policy p;
    CHECK_FALSE(problem(p).has_value());
    CHECK(p.initial == 30s);
    CHECK(p.factor == 2.0);
    CHECK(p.max == 300s);
    CHECK(p.jitter == 0.1);
    CHECK(p.max_attempts == 20);
    CHECK(p.probe == 1h);
    CHECK(p.quick == std::vector<duration>{0s, 1s, 5s});
    CHECK(p.quick_budget == 10);
    CHECK(p.stable_after == 60s);
    CHECK(p.connect_timeout == 30s);
    CHECK(p.close_timeout == 5s);
}

TEST_CASE("reconnect: the ladder climbs 30, 60, 120, 240, 300, 300 and stays there for any number of attempts") {
    const policy p;
    std::vector<duration> waits;
    for (std::uint32_t rung = 1; rung <= 7; ++rung) {
        waits.push_back(ladder_delay(p, rung));
    }
    CHECK(waits == std::vector<duration>{30s, 60s, 120s, 240s, 300s, 300s, 300s});
    CHECK(ladder_delay(p, std::numeric_limits<std::uint32_t>::max()) == 300s);
    policy flat = p;
    flat.factor = 1.0;
    CHECK(ladder_delay(flat, 1'000'000) == 30s);
}

TEST_CASE("reconnect: jitter stays within its share on both sides and uses the whole of it") {
    const policy p;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        CAPTURE(seed);
        random_source random{seed};
        duration least = 1h;
        duration most = 0s;
        for (int i = 0; i < 10'000; ++i) {
            const duration d = with_jitter(p, 300s, random);
            least = std::min(least, d);
            most = std::max(most, d);
        }
        CHECK(least >= 270s);
        CHECK(least < 271s);
        CHECK(most <= 330s);
        CHECK(most > 329s);
    }
}

TEST_CASE("reconnect: jitter leaves zero alone and is never negative, and no jitter is exact") {
    random_source random{1};
    policy p;
    p.jitter = 0.9;
    for (int i = 0; i < 1000; ++i) {
        CHECK(with_jitter(p, 0ms, random) == 0ms);
        CHECK(with_jitter(p, 1ms, random) >= 0ms);
    }
    p.jitter = 0.0;
    CHECK(with_jitter(p, 30s, random) == 30s);
}

TEST_CASE("reconnect: jitter never goes under a server's retry-after") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        scripted_fleet fleet{{}, seed};
        const slot_id slot = fleet.add(
            0, {.connect = {fails(trouble(failure_class::rate_limited, "flood", 30s))}, .close_after = 1ms}, policy{});
        CHECK(fleet.until_retry(slot) >= 30s);
        CHECK(fleet.until_retry(slot) <= 33s);
    }
}

TEST_CASE("reconnect: a retry-after is believed up to a day, and a negative one not at all") {
    CHECK(with_floor(30s, 10min) == 10min);
    CHECK(with_floor(30s, 5s) == 30s);
    CHECK(with_floor(30s, -5s) == 30s);
    CHECK(with_floor(30s, duration::max()) == 24h);
    CHECK(with_floor(30s, std::nullopt) == 30s);
}

TEST_CASE("reconnect: the quick budget is a sliding window of ten minutes") {
    quick_log log;
    time_point t{1h};
    for (int i = 0; i < 10; ++i) {
        CHECK(log.take(10, t + i * 1min));
    }
    CHECK_FALSE(log.take(10, t + 10min - 1ms));
    CHECK(log.take(10, t + 10min));
    CHECK_FALSE(log.take(10, t + 10min));
    CHECK(log.take(10, t + 11min));
    quick_log none;
    CHECK_FALSE(none.take(0, t));
}

TEST_CASE("reconnect: a lowered quick budget holds at once, also for a log that was filled under a larger one") {
    quick_log log;
    time_point t{1h};
    for (int i = 0; i < 10; ++i) {
        CHECK(log.take(10, t));
    }
    CHECK_FALSE(log.take(2, t + 1min));
    CHECK_FALSE(log.take(0, t + 10min));
    CHECK(log.take(2, t + 10min));
    CHECK(log.take(2, t + 10min));
    CHECK_FALSE(log.take(2, t + 10min));
}

TEST_CASE("reconnect: the same seed gives the same delays, another seed others") {
    const auto waits = [](std::uint64_t seed) {
        scripted_fleet fleet{{}, seed};
        const slot_id slot = fleet.add(0, {.connect = {fails(failure_class::transient)}}, policy{});
        fleet.run_for(1h);
        return fleet.gaps(slot);
    };
    CHECK(waits(5) == waits(5));
    CHECK(waits(5) != waits(6));
}

TEST_CASE("reconnect: settings that make no sense are named by their key") {
    const auto complaint = [](auto change) {
        policy p;
        change(p);
        return problem(p).value_or("");
    };
    CHECK(complaint([](policy& p) { p.initial = 0s; }).starts_with("reconnect.initial "));
    CHECK(complaint([](policy& p) { p.factor = 0.5; }).starts_with("reconnect.factor "));
    CHECK(complaint([](policy& p) { p.factor = std::nan(""); }).starts_with("reconnect.factor "));
    CHECK(complaint([](policy& p) { p.max = 1s; }).starts_with("reconnect.max "));
    CHECK(complaint([](policy& p) { p.jitter = 1.0; }).starts_with("reconnect.jitter "));
    CHECK(complaint([](policy& p) { p.probe = -1s; }).starts_with("reconnect.probe "));
    CHECK(complaint([](policy& p) { p.quick = {-1s}; }).starts_with("reconnect.quick "));
    CHECK(complaint([](policy& p) { p.quick.resize(17); }).starts_with("reconnect.quick "));
    CHECK(complaint([](policy& p) { p.quick_budget = 257; }).starts_with("reconnect.quick_budget "));
    CHECK(complaint([](policy& p) { p.stable_after = 31 * 24h; }).starts_with("reconnect.stable_after "));
    CHECK(complaint([](policy& p) { p.connect_timeout = 0s; }).starts_with("reconnect.connect_timeout "));
    CHECK(complaint([](policy& p) { p.close_timeout = 0s; }).starts_with("reconnect.close_timeout "));
}

TEST_CASE("reconnect: what is kept of a failure is bounded and stays valid UTF-8") {
    scripted_fleet fleet;
    std::string text(max_failure_text_bytes - 1, 'x');
    text += "\u20ac and more";
    const slot_id slot = fleet.add(
        0, {.connect = {fails(failure{failure_class::transient, std::string(1000, 'c'), text, std::nullopt})}});
    CHECK(fleet.at(slot).why->code.size() == max_failure_code_bytes);
    CHECK(fleet.at(slot).why->text == std::string(max_failure_text_bytes - 1, 'x'));
}

TEST_CASE("reconnect: a stable period of zero resets attempts with the first success") {
    scripted_fleet fleet;
    policy p = exact();
    p.stable_after = 0s;
    const slot_id slot = fleet.add(0, {.connect = {fails(failure_class::transient), succeeds()}}, p);
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(fleet.at(slot).attempts == 0);
    CHECK_FALSE(fleet.machine.next_deadline().has_value());
}
