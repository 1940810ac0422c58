// The deadline heap and the line of ready slots, against obvious models.

#include "reconnect/deadline_queue.hpp"
#include "reconnect/ready_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>

using namespace gateway::reconnect;
using namespace std::chrono_literals;

TEST_CASE("reconnect: the deadline heap agrees with a sorted set over random changes") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        deadline_queue queue;
        std::map<std::uint32_t, time_point> model;
        std::set<std::pair<time_point, std::uint32_t>> sorted;
        for (int step = 0; step < 5000; ++step) {
            const auto slot = static_cast<std::uint32_t>(random() % 300);
            const auto old = model.find(slot);
            if (old != model.end()) {
                sorted.erase({old->second, slot});
                model.erase(old);
            }
            if (random() % 3 != 0) {
                const time_point deadline{duration{random() % 100}};  // many equal ones
                queue.set(slot_id{slot}, deadline);
                model.emplace(slot, deadline);
                sorted.emplace(deadline, slot);
                REQUIRE(queue.deadline_of(slot_id{slot}) == deadline);
            } else {
                queue.clear(slot_id{slot});
                REQUIRE_FALSE(queue.contains(slot_id{slot}));
            }
            REQUIRE(queue.size() == model.size());
            REQUIRE(queue.empty() == model.empty());
            if (!model.empty()) {
                REQUIRE(queue.next_deadline() == sorted.begin()->first);
                REQUIRE(queue.next_slot() == slot_id{sorted.begin()->second});
            }
            REQUIRE(queue.invariants_hold());
        }
    }
}

TEST_CASE("reconnect: equal deadlines leave the heap in the order of their slots") {
    deadline_queue queue;
    for (const std::uint32_t slot : {5U, 1U, 4U, 2U, 3U, 0U}) {
        queue.set(slot_id{slot}, time_point{1s});
    }
    for (std::uint32_t slot = 0; slot < 6; ++slot) {
        CHECK(queue.next_slot() == slot_id{slot});
        queue.clear(queue.next_slot());
    }
    CHECK(queue.empty());
}

TEST_CASE("reconnect: the line of ready slots is first come, first served, and one can step out anywhere") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        ready_queue queue;
        std::deque<std::uint32_t> model;
        for (int step = 0; step < 3000; ++step) {
            const auto slot = static_cast<std::uint32_t>(random() % 50);
            const auto place = std::find(model.begin(), model.end(), slot);
            REQUIRE(queue.contains(slot_id{slot}) == (place != model.end()));
            const auto what = random() % 4;
            if (what < 2 && place == model.end()) {
                queue.push(slot_id{slot});
                model.push_back(slot);
            } else if (what == 2 && place != model.end()) {
                queue.clear(slot_id{slot});
                model.erase(place);
            } else if (what == 3 && !model.empty()) {
                REQUIRE(queue.pop() == slot_id{model.front()});
                model.pop_front();
            }
            REQUIRE(queue.size() == model.size());
            REQUIRE(queue.invariants_hold());
        }
    }
}
