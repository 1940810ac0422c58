// Modules that are loaded in a child process, really.

#include "module/fork_prober.hpp"
#include "unit/module_fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace gateway::module;
using namespace gateway::module::testing;
using namespace std::chrono_literals;

namespace {

using kind = probe_outcome::kind;

constexpr auto patience = 30s;  // for what ends by itself

struct rig {
    explicit rig(std::chrono::milliseconds deadline = patience) : prober(io, deadline) {}

    const candidate& prepare(const std::string& name) {
        at.put(name + ".so", contents(built(name)));
        const auto changes = modules.scan();
        REQUIRE(changes.size() == 1);
        candidates.push_back(*modules.prepare(changes[0].name));
        return candidates.back();
    }

    probe_outcome probe(const std::string& name) {
        std::vector<probe_outcome> outcomes;
        prober.start(prepare(name), [&](const probe_outcome& outcome) { outcomes.push_back(outcome); });
        CHECK(outcomes.empty());
        io.run_for(patience);
        io.restart();
        REQUIRE(outcomes.size() == 1);
        return outcomes.front();
    }

    directories at;
    catalogue modules{at.settings()};
    std::vector<candidate> candidates;
    boost::asio::io_context io;
    fork_prober prober;
};

}  // namespace

TEST_CASE("fork prober: a sound module loads in the child, and nothing of it is mapped here") {
    rig one;
    CHECK(one.probe("good_minimal").what == kind::loaded);
    CHECK(contents("/proc/self/maps").find(one.candidates.front().copy.string()) == std::string::npos);
}

TEST_CASE("fork prober: the child refuses a module for the same reasons and in the same words as the host") {
    for (const auto* name : {"refuse_unresolved_symbol", "refuse_hidden_symbol", "refuse_null_function",
                             "refuse_manifest_differs", "refuse_short_struct"}) {
        CAPTURE(name);
        rig one;
        const auto outcome = one.probe(name);
        CHECK(outcome.what == kind::refused);
        REQUIRE(outcome.refused);
        const auto loaded = one.modules.finish(one.candidates.front(), {});
        REQUIRE_FALSE(loaded);
        CHECK(*outcome.refused == loaded.error());
    }
}

TEST_CASE("fork prober: constructors that crash, throw or exit end the child, and how is told") {
    rig one;
    const auto crashed = one.probe("refuse_crashing_constructor");
    CHECK(crashed.what == kind::crashed);
    CHECK(crashed.detail == SIGSEGV);
    const auto thrown = one.probe("refuse_throwing_constructor");
    CHECK(thrown.what == kind::crashed);
    CHECK(thrown.detail == SIGABRT);
    const auto exited = one.probe("refuse_exiting_constructor");
    CHECK(exited.what == kind::exited);
    CHECK(exited.detail == 3);
}

TEST_CASE("fork prober: a constructor that hangs is killed at the deadline, while others are probed") {
    rig one(300ms);
    std::vector<std::string> order;
    one.prober.start(one.prepare("refuse_hanging_constructor"), [&](const probe_outcome& outcome) {
        CHECK(outcome.what == kind::hung);
        order.emplace_back("hanging");
    });
    one.prober.start(one.prepare("refuse_exiting_constructor"), [&](const probe_outcome& outcome) {
        CHECK((outcome.what == kind::exited || outcome.what == kind::hung));  // on a slow machine
        order.emplace_back("exiting");
    });
    one.io.run_for(patience);
    std::sort(order.begin(), order.end());
    CHECK(order == words{"exiting", "hanging"});
}

TEST_CASE("fork prober: what is still running when it is destroyed is killed, and nobody is told") {
    boost::asio::io_context io;
    directories at;
    at.put("hanging.so", contents(built("refuse_hanging_constructor")));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    {
        fork_prober prober(io, patience);
        prober.start(*modules.prepare("refuse_hanging_constructor"), [](const probe_outcome&) { FAIL("told"); });
    }
    io.run_for(patience);
    CHECK(io.stopped());  // nothing is waited for any more
}

TEST_CASE(
    "fork prober: the child has nothing of the host's: no descriptor, no handler, no signal meant for its group") {
    rig one;
    const auto trace = one.at.root.path() / "trace";
    REQUIRE(::setenv("GATEWAY_TRACE_FILE", trace.c_str(), 1) == 0);
    const auto before = std::signal(SIGTERM, [](int) {});
    const auto pipe_before = std::signal(SIGPIPE, SIG_IGN);
    const auto outcome = one.probe("good_constructor");
    std::signal(SIGTERM, before);
    std::signal(SIGPIPE, pipe_before);
    ::unsetenv("GATEWAY_TRACE_FILE");
    CHECK(outcome.what == kind::loaded);
    // The one descriptor is for its report.
    CHECK(contents(trace) == "descriptors=1 SIGTERM=default SIGPIPE=ignored blocked=0 leads_group=1\n");
}

TEST_CASE("fork prober: a constructor that calls exit runs nothing that the host registered for its own end") {
    static const pid_t host = ::getpid();
    REQUIRE(std::atexit([] {
                if (::getpid() != host) {
                    ::kill(::getpid(), SIGKILL);
                }
            }) == 0);
    rig one;
    CHECK(one.probe("refuse_exiting_constructor").what == kind::exited);
}

TEST_CASE("fork prober: that there is no child is told like any other outcome, and to nobody when it is destroyed") {
    boost::asio::io_context io;
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    const auto what = *modules.prepare("minimal");
    std::vector<int> errors;
    auto prober = std::make_unique<fork_prober>(io, patience);
    prober->start(what, [](const probe_outcome&) {});  // whoever needs a descriptor at first use has had it after this
    io.run_for(patience);
    io.restart();
    rlimit descriptors{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &descriptors) == 0);
    const rlimit none{0, descriptors.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    prober->start(what, [&](const probe_outcome& outcome) {
        CHECK(outcome.what == kind::not_started);
        errors.push_back(outcome.detail);
    });
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
    CHECK(errors.empty());
    SUBCASE("told") {
        io.run_for(patience);
        CHECK(errors == std::vector{EMFILE});
    }
    SUBCASE("destroyed first") {
        prober.reset();
        io.run_for(patience);
        CHECK(errors.empty());
    }
}
