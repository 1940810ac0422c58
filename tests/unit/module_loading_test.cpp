// Loading by way of a probe, with a prober that does as it is told.

#include "module/loading.hpp"
#include "unit/module_fixture.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

using namespace gateway::module;
using namespace gateway::module::testing;

namespace {

using kind = probe_outcome::kind;

class scripted_prober final : public prober {
public:
    void start(const candidate& what, done_function done) override {
        copies.push_back(what.copy);
        running.emplace_back(what.name, std::move(done));
    }
    // The oldest probe of this module ends.
    void end(const std::string& name, probe_outcome outcome) {
        const auto found = std::find_if(running.begin(), running.end(), [&](const auto& r) { return r.first == name; });
        REQUIRE(found != running.end());
        const auto done = std::move(found->second);
        running.erase(found);
        done(std::move(outcome));
    }
    std::vector<std::pair<std::string, done_function>> running;
    std::vector<fs::path> copies;
};

struct rig {
    explicit rig(const std::vector<std::string>& names = {"minimal"}) {
        for (const auto& name : names) {
            at.put(name + ".so", minimal_named(name));
        }
        CHECK(modules.scan().size() == names.size());
    }

    // How the last probe of a module ended: "loaded", or the refusal's code; empty if nothing was told.
    std::string told_of(const std::string& name) {
        std::string last;
        for (const auto& [each, what] : ends) {
            last = each == name ? what : last;
        }
        return last;
    }

    directories at;
    catalogue modules{at.settings()};
    scripted_prober probes;
    std::vector<std::pair<std::string, std::string>> ends;
    loading loads{modules, probes, [this](const std::string& name, const loading::load_result& result) {
                      ends.emplace_back(name, result ? "loaded" : std::string(to_string(result.error().code)));
                  }};
};

}  // namespace

TEST_CASE("loading: nothing of a module is mapped before its probe went well") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    REQUIRE(one.probes.running.size() == 1);
    const auto copy = one.probes.copies.at(0);
    CHECK(contents(copy) == minimal());
    CHECK(one.modules.find("minimal") == nullptr);
    CHECK(contents("/proc/self/maps").find(copy.string()) == std::string::npos);
    one.probes.end("minimal", {kind::loaded});
    CHECK(one.told_of("minimal") == "loaded");
    REQUIRE(one.modules.find("minimal") != nullptr);
    CHECK(contents("/proc/self/maps").find(copy.string()) != std::string::npos);
    const auto known = one.loads.want("minimal", urgency::needed);
    REQUIRE(known);
    CHECK(**known == one.modules.find("minimal"));
    CHECK(one.probes.running.empty());
}

TEST_CASE("loading: a module whose probe speaks against it is never mapped, and its copy goes") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.probes.end("minimal", {kind::exited, 3});
    CHECK(one.told_of("minimal") == "constructor_exited");
    const auto copy = one.probes.copies.at(0);
    CHECK_FALSE(fs::exists(copy));
    CHECK(contents("/proc/self/maps").find(copy.string()) == std::string::npos);
    REQUIRE(one.modules.refusals().size() == 1);
    CHECK(one.modules.refusals().at(0).sentence.ends_with("called exit(3)"));
    SUBCASE("its unchanged file is refused again without a probe") {
        const auto known = one.loads.want("minimal", urgency::needed);
        REQUIRE(known);
        CHECK(known->error().code == refusal_code::constructor_exited);
        CHECK(one.probes.running.empty());
    }
    SUBCASE("an operator has it tried again") {
        CHECK_FALSE(one.loads.retry("minimal"));
        one.probes.end("minimal", {kind::loaded});
        CHECK(one.told_of("minimal") == "loaded");
        CHECK(one.modules.refusals().empty());
    }
    SUBCASE("a new file is tried again") {
        one.at.put_by_rename("minimal.so", minimal_version("2.0.0"));
        CHECK(told(one.modules.look({"minimal.so"}, {})) == words{"appeared minimal"});
        CHECK_FALSE(one.loads.want("minimal", urgency::ahead));
        one.probes.end("minimal", {kind::loaded});
        CHECK(one.modules.find("minimal")->description->version == "2.0.0");
    }
}

TEST_CASE("loading: a crash counts when it happens twice") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.probes.end("minimal", {kind::crashed, SIGSEGV});
    CHECK(one.ends.empty());
    REQUIRE(one.probes.running.size() == 1);
    SUBCASE("it did") {
        one.probes.end("minimal", {kind::crashed, SIGSEGV});
        CHECK(one.told_of("minimal") == "constructor_crashed");
    }
    SUBCASE("it did not") {
        one.probes.end("minimal", {kind::loaded});
        CHECK(one.told_of("minimal") == "loaded");
    }
    CHECK(one.ends.size() == 1);
}

TEST_CASE("loading: with no process to be had, it is refused for the moment only") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.probes.end("minimal", {kind::not_started, EAGAIN});
    one.probes.end("minimal", {kind::not_started, EAGAIN});
    CHECK(one.told_of("minimal") == "not_probed");
    CHECK(one.modules.refusals().empty());
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.probes.end("minimal", {kind::loaded});
    CHECK(one.told_of("minimal") == "loaded");
}

TEST_CASE("loading: one that hangs holds up none of the others") {
    rig one({"minimal", "another"});
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    CHECK_FALSE(one.loads.want("another", urgency::needed));
    CHECK(one.probes.running.size() == 2);
    one.probes.end("another", {kind::loaded});
    CHECK(one.told_of("another") == "loaded");
    CHECK(one.told_of("minimal").empty());
}

TEST_CASE("loading: what cannot even be copied is refused at once") {
    rig one;
    CHECK(one.loads.want("telegram", urgency::needed)->error().code == refusal_code::not_present);
    write(one.at.state, "a file");
    CHECK(one.loads.want("minimal", urgency::needed)->error().code == refusal_code::copy_failed);
    CHECK(one.probes.running.empty());
    CHECK(one.ends.empty());
}

TEST_CASE("loading: a file that changes during its probe is probed anew, and the newest is loaded") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.at.put_by_rename("minimal.so", minimal_version("2.0.0"));
    SUBCASE("the probe went well") {
        one.probes.end("minimal", {kind::loaded});
    }
    SUBCASE("the probe did not") {
        one.probes.end("minimal", {kind::exited, 1});
    }
    CHECK(one.ends.empty());
    one.probes.end("minimal", {kind::loaded});
    CHECK(one.told_of("minimal") == "loaded");
    CHECK(one.modules.find("minimal")->description->version == "2.0.0");
    CHECK(one.modules.look({"minimal.so"}, {}).empty());
}

TEST_CASE("loading: a file that changes during each of its probes is left alone for the moment") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    for (unsigned i = 0; i <= loading::max_restarts; ++i) {
        one.at.put_by_rename("minimal.so", minimal_version(std::to_string(i) + ".1.0"));
        one.probes.end("minimal", {kind::loaded});
    }
    CHECK(one.told_of("minimal") == "changing");
    CHECK(one.modules.find("minimal") == nullptr);
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    one.probes.end("minimal", {kind::loaded});
    CHECK(one.told_of("minimal") == "loaded");
}

TEST_CASE("loading: a file that is removed during its probe is not loaded") {
    rig one;
    CHECK_FALSE(one.loads.want("minimal", urgency::needed));
    fs::remove(one.at.plugins / "minimal.so");
    SUBCASE("noticed already") {
        CHECK(told(one.modules.look({"minimal.so"}, {})) == words{"vanished minimal"});
        one.probes.end("minimal", {kind::loaded});
        CHECK(one.told_of("minimal") == "not_present");
    }
    SUBCASE("not noticed yet") {
        one.probes.end("minimal", {kind::loaded});
        CHECK(one.told_of("minimal") == "unreadable");
    }
    CHECK(one.modules.find("minimal") == nullptr);
}
