#include "module/watch_plan.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

using namespace gateway::module;
using namespace std::chrono_literals;

namespace {

using event = watch_plan::event;
using names = std::set<std::string>;

struct manual {
    watch_plan::time_point now{};
    watch_plan plan{watch_settings{}, now};

    void tell(event what, const std::string& file_name = {}) { plan.on_event(what, file_name, now); }
    auto due_in() const { return plan.due() - now; }
    // Lets the time pass that the plan asks for.
    watch_plan::work next() {
        now = plan.due();
        return plan.take(now);
    }
};

}  // namespace

TEST_CASE("watch plan: with nothing told, only the slow rescan is due") {
    manual m;
    CHECK(m.due_in() == 60s);
    CHECK_FALSE(m.plan.take(m.now).rescan);
    for (int i = 0; i < 3; ++i) {
        const auto work = m.next();
        CHECK(work.rescan);
        CHECK(work.complete.empty());
        CHECK(m.due_in() == 60s);
    }
}

TEST_CASE("watch plan: a closed file is looked at once all was quiet") {
    manual m;
    m.tell(event::complete, "a.so");
    CHECK(m.due_in() == 100ms);
    m.now += 60ms;
    m.tell(event::complete, "b.so");
    CHECK(m.due_in() == 100ms);
    CHECK(m.plan.take(m.now).complete.empty());
    const auto work = m.next();
    CHECK(work.complete == names{"a.so", "b.so"});
    CHECK_FALSE(work.rescan);
    CHECK(m.due_in() > 50s);
}

TEST_CASE("watch plan: events without end postpone a look by a second at most") {
    manual m;
    const auto start = m.now;
    while (m.now < start + 950ms) {
        m.tell(event::complete, "a.so");
        m.now += 50ms;
    }
    CHECK(m.plan.due() == start + 1s);
}

TEST_CASE("watch plan: a created file waits for its close, whatever happens to its rights meanwhile") {
    manual m;
    m.tell(event::created, "a.so");
    auto work = m.next();
    CHECK(work.created == names{"a.so"});
    CHECK(work.complete.empty());
    m.tell(event::touched, "a.so");
    CHECK(m.next().complete.empty());
    m.tell(event::complete, "a.so");
    CHECK(m.next().complete == names{"a.so"});
    m.tell(event::touched, "a.so");
    CHECK(m.next().complete == names{"a.so"});
}

TEST_CASE("watch plan: a file that is made again right after its close is being written") {
    manual m;
    m.tell(event::complete, "a.so");
    m.tell(event::gone, "a.so");
    m.tell(event::created, "a.so");
    const auto work = m.next();
    CHECK(work.complete.empty());
    CHECK(work.created == names{"a.so"});
}

TEST_CASE("watch plan: a file that is gone is looked at, to find it missing") {
    manual m;
    m.tell(event::created, "a.so");
    m.tell(event::gone, "a.so");
    CHECK(m.next().complete == names{"a.so"});
}

TEST_CASE("watch plan: files that are no modules are nobody's business") {
    manual m;
    for (const auto* name : {"a.so.dpkg-new", ".a.so", "readme", ".so", "a.so~"}) {
        m.tell(event::complete, name);
    }
    CHECK(m.due_in() == 60s);
}

TEST_CASE("watch plan: lost events and another directory lead to a rescan, and to another when files have settled") {
    manual m;
    m.tell(event::directory);
    CHECK(m.due_in() == 100ms);
    CHECK(m.next().rescan);
    CHECK(m.due_in() == 2s);
    CHECK(m.next().rescan);
    CHECK(m.due_in() == 60s);
}

TEST_CASE("watch plan: a flood of names becomes a rescan") {
    manual m;
    for (int i = 0; i < 1001; ++i) {
        m.tell(event::complete, std::to_string(i) + ".so");
    }
    const auto work = m.next();
    CHECK(work.rescan);
    CHECK(work.complete.size() < 1000);
}

TEST_CASE("watch plan: events do not keep the slow rescan from its turn") {
    manual m;
    m.now += 60s - 50ms;
    m.tell(event::complete, "a.so");
    CHECK(m.due_in() == 50ms);
    CHECK(m.next().rescan);
    CHECK(m.next().complete == names{"a.so"});
}
