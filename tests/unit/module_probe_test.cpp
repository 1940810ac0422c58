// What follows from a probe, and which module is probed when: pure.

#include "module/probe.hpp"
#include "module/probe_plan.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

using namespace gateway::module;

namespace {

using kind = probe_outcome::kind;

refusal objection(const probe_outcome& outcome) {
    const auto why = objection_of(outcome, "/p/x.so");
    REQUIRE(why);
    CHECK(why->path == "/p/x.so");
    return *why;
}

// Starts all that may start now.
std::vector<std::string> started(probe_plan& plan) {
    std::vector<std::string> names;
    while (auto name = plan.next()) {
        names.push_back(std::move(*name));
    }
    return names;
}

using words = std::vector<std::string>;

}  // namespace

TEST_CASE("probe: what loads in the child may be loaded, and its refusal is handed on") {
    CHECK_FALSE(objection_of({kind::loaded}, "/p/x.so"));
    const refusal why{"/p/x.so", refusal_code::missing_symbol, "/p/x.so is wrong"};
    CHECK(objection({kind::refused, 0, why}) == why);
}

TEST_CASE("probe: how constructors end a process is told in one sentence") {
    const auto crashed = objection({kind::crashed, SIGSEGV});
    CHECK(crashed.code == refusal_code::constructor_crashed);
    CHECK(crashed.sentence == "/p/x.so cannot be loaded: its constructors crashed with SIGSEGV");
    const auto exited = objection({kind::exited, 3});
    CHECK(exited.code == refusal_code::constructor_exited);
    CHECK(exited.sentence == "/p/x.so cannot be loaded: its constructors called exit(3)");
    const auto hung = objection({kind::hung});
    CHECK(hung.code == refusal_code::constructor_hung);
    CHECK(hung.sentence == "/p/x.so cannot be loaded: its constructors did not return within 5 s");
}

TEST_CASE("probe: that no process could be made is no fault of the module, and passes by itself") {
    const auto why = objection({kind::not_started, EAGAIN});
    CHECK(why.code == refusal_code::not_probed);
    CHECK(why.sentence ==
          "/p/x.so cannot be loaded: the process that tries it first cannot be made: Resource temporarily unavailable");
    CHECK(passes_by_itself(why.code));
    CHECK_FALSE(passes_by_itself(refusal_code::constructor_crashed));
    CHECK_FALSE(passes_by_itself(refusal_code::constructor_exited));
    CHECK_FALSE(passes_by_itself(refusal_code::constructor_hung));
}

TEST_CASE("probe: a crash, a hang and a missing process may be the moment's fault; what the module said is its own") {
    CHECK(is_doubtful({kind::crashed, SIGABRT}));
    CHECK(is_doubtful({kind::hung}));
    CHECK(is_doubtful({kind::not_started, ENOMEM}));
    CHECK_FALSE(is_doubtful({kind::exited, 3}));
    CHECK_FALSE(is_doubtful({kind::refused}));
    CHECK_FALSE(is_doubtful({kind::loaded}));
}

TEST_CASE("probe plan: a few modules are probed at a time, in the order they were wanted") {
    probe_plan plan;
    for (const auto* name : {"a", "b", "c", "d", "e", "f"}) {
        plan.want(name, urgency::ahead);
    }
    CHECK(started(plan) == words{"a", "b", "c", "d"});
    CHECK_FALSE(plan.ended("c", false));
    CHECK(started(plan) == words{"e"});
    CHECK_FALSE(plan.contains("c"));
    CHECK(plan.contains("f"));
}

TEST_CASE("probe plan: what an instance needs goes first") {
    probe_plan plan;
    for (const auto* name : {"a", "b", "c", "d", "e", "f"}) {
        plan.want(name, urgency::ahead);
    }
    CHECK(started(plan).size() == max_probes_at_once);
    plan.want("f", urgency::needed);
    plan.want("e", urgency::ahead);
    CHECK_FALSE(plan.ended("a", false));
    CHECK(started(plan) == words{"f"});
    CHECK_FALSE(plan.ended("b", false));
    CHECK(started(plan) == words{"e"});
}

TEST_CASE("probe plan: a module that is wanted twice is probed once") {
    probe_plan plan;
    plan.want("a", urgency::ahead);
    plan.want("a", urgency::needed);
    CHECK(started(plan) == words{"a"});
    plan.want("a", urgency::needed);
    CHECK(started(plan).empty());
    CHECK_FALSE(plan.ended("a", false));
    plan.want("a", urgency::ahead);
    CHECK(started(plan) == words{"a"});
}

TEST_CASE("probe plan: a doubtful outcome is tried once more, ahead of the others, and then counts") {
    probe_plan plan;
    for (const auto* name : {"a", "b", "c", "d", "e"}) {
        plan.want(name, urgency::ahead);
    }
    CHECK(started(plan).size() == max_probes_at_once);
    CHECK(plan.ended("b", true));
    CHECK(plan.contains("b"));
    CHECK(started(plan) == words{"b"});
    CHECK_FALSE(plan.ended("b", true));
    CHECK_FALSE(plan.contains("b"));
    CHECK(started(plan) == words{"e"});
}
