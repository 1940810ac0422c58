#include "module/catalogue.hpp"
#include "unit/module_fixture.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace gateway::module;
using namespace gateway::module::testing;

TEST_CASE("scan: every module of the directory appears, in file-name order, and is described") {
    directories at;
    at.put("b.so", minimal_named("seconds"));
    at.put("a.so", minimal());
    at.put("readme.txt", "no module");
    at.put(".hidden.so", "no module");
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal", "appeared seconds"});
    CHECK(modules.names() == words{"minimal", "seconds"});
    REQUIRE(modules.describe("minimal"));
    CHECK(modules.describe("minimal")->version == "1.0.0");
    CHECK(modules.describe("third") == nullptr);
    CHECK(modules.find("minimal") == nullptr);
    CHECK(modules.refusals().empty());
    CHECK(modules.scan().empty());
}

TEST_CASE("scan: nothing of a module is executed, and nothing is written") {
    directories at;
    at.put("constructor.so", contents(built("good_constructor")));
    const auto trace = at.root.path() / "trace";
    REQUIRE(::setenv("GATEWAY_TRACE_FILE", trace.c_str(), 1) == 0);
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared constructor"});
    CHECK_FALSE(fs::exists(trace));
    CHECK_FALSE(fs::exists(at.state));
    // The trap works: loading runs the constructor.
    CHECK(load(modules, "constructor"));
    CHECK(fs::exists(trace));
    ::unsetenv("GATEWAY_TRACE_FILE");
}

TEST_CASE("scan: a directory that does not exist yet is told, and used once it is there") {
    directories at;
    fs::remove(at.plugins);
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"refused unreadable plugins"});
    CHECK(modules.rescan().empty());
    CHECK(modules.refusals().at(0).sentence ==
          at.plugins.string() + " does not exist; modules are found as soon as it does");
    CHECK(load(modules, "minimal").error().code == refusal_code::unreadable);
    fs::create_directory(at.plugins);
    at.put("minimal.so", minimal());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    CHECK(modules.refusals().empty());
}

TEST_CASE("scan: a directory named with a slash at its end, or from the working directory, works like any other") {
    directories at;
    at.put("minimal.so", minimal());
    auto settings = at.settings();
    settings.plugins_dir = fs::relative(at.plugins) / "";
    settings.state_dir = fs::relative(at.state.parent_path()) / "state";
    catalogue modules(settings);
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    const auto loaded = load(modules, "minimal");
    REQUIRE(loaded);
    CHECK((*loaded)->source.is_absolute());
    CHECK((*loaded)->copy == at.state / "generations" / "minimal-1.so");
}

TEST_CASE("scan: a link to a module elsewhere is a module") {
    directories at;
    write(at.root.path() / "elsewhere", minimal());
    fs::create_symlink("../elsewhere", at.plugins / "minimal.so");
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    CHECK(load(modules, "minimal"));
}

TEST_CASE("rescan: a file is judged when it was the same at the rescan before") {
    directories at;
    catalogue modules(at.settings());
    CHECK(modules.scan().empty());
    const auto bytes = minimal();
    at.put("minimal.so", bytes.substr(0, bytes.size() / 2));
    CHECK(modules.rescan().empty());
    CHECK(load(modules, "minimal").error().code == refusal_code::not_present);
    at.put("minimal.so", bytes);
    CHECK(modules.rescan().empty());
    CHECK(told(modules.rescan()) == words{"appeared minimal"});
    CHECK(modules.rescan().empty());
}

TEST_CASE("rescan: a refused file is not told again, and judged anew when it changed") {
    directories at;
    at.put("minimal.so", minimal().substr(0, 1000));
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"refused truncated minimal.so"});
    CHECK(modules.rescan().empty());
    CHECK(modules.scan().empty());
    at.put_by_rename("minimal.so", minimal());
    CHECK(modules.rescan().empty());
    CHECK(told(modules.rescan()) == words{"appeared minimal"});
    CHECK(modules.refusals().empty());
}

TEST_CASE("look: only the named files are judged") {
    directories at;
    catalogue modules(at.settings());
    CHECK(modules.scan().empty());
    at.put("a.so", minimal_named("module1"));
    at.put("b.so", minimal_named("module2"));
    CHECK(told(modules.look({"b.so", "absent.so"}, {})) == words{"appeared module2"});
    CHECK(told(modules.look({"a.so"}, {})) == words{"appeared module1"});
}

TEST_CASE("look: of created files only links are judged") {
    directories at;
    write(at.root.path() / "elsewhere", minimal_named("linked1"));
    write(at.root.path() / "hard", minimal_named("linked2"));
    catalogue modules(at.settings());
    CHECK(modules.scan().empty());
    at.put("written.so", minimal());
    fs::create_symlink("../elsewhere", at.plugins / "soft.so");
    fs::create_hard_link(at.root.path() / "hard", at.plugins / "hard.so");
    CHECK(told(modules.look({}, {"hard.so", "soft.so", "written.so"})) ==
          words{"appeared linked2", "appeared linked1"});
}

TEST_CASE("look: a removed file of a module that is not loaded makes the module vanish") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    fs::remove(at.plugins / "minimal.so");
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"vanished minimal"});
    CHECK(modules.names().empty());
    CHECK(modules.describe("minimal") == nullptr);
}

TEST_CASE("look: a file that becomes another module gives up one name and takes the other") {
    directories at;
    at.put("some.so", minimal());
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    at.put_by_rename("some.so", minimal_named("another"));
    CHECK(told(modules.look({"some.so"}, {})) == words{"appeared another", "vanished minimal"});
    CHECK(modules.names() == words{"another"});
}

TEST_CASE("look: a new version of a module that is not loaded appears again") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    at.put_by_rename("minimal.so", minimal_version("2.0.0"));
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"appeared minimal"});
    CHECK(modules.describe("minimal")->version == "2.0.0");
}

TEST_CASE("names: of two files with one name the first in file-name order has it, and the other is refused") {
    directories at;
    at.put("a.so", minimal());
    at.put("b.so", minimal_version("2.0.0"));
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal", "refused duplicate_name b.so"});
    CHECK(modules.refusals().at(0).sentence == (at.plugins / "b.so").string() + " is a module \"minimal\", as " +
                                                   (at.plugins / "a.so").string() +
                                                   " is, which came first; remove one of them");
    CHECK(modules.describe("minimal")->version == "1.0.0");
    CHECK(modules.scan().empty());
}

TEST_CASE("names: a file that came first keeps its name against one that sorts before it") {
    directories at;
    at.put("b.so", minimal());
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    at.put("a.so", minimal_version("2.0.0"));
    CHECK(told(modules.look({"a.so"}, {})) == words{"refused duplicate_name a.so"});
    CHECK(modules.look({"a.so"}, {}).empty());
    CHECK(modules.describe("minimal")->version == "1.0.0");
}

TEST_CASE("names: a name goes on to the second file when the first goes away or breaks") {
    directories at;
    at.put("a.so", minimal());
    at.put("b.so", minimal_version("2.0.0"));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 2);
    SUBCASE("removed") {
        fs::remove(at.plugins / "a.so");
        CHECK(told(modules.rescan()) == words{"appeared minimal"});
    }
    SUBCASE("broken") {
        at.put_by_rename("a.so", "nonsense");
        CHECK(told(modules.look({"a.so"}, {})) == words{"refused not_elf a.so", "appeared minimal"});
    }
    CHECK(modules.describe("minimal")->version == "2.0.0");
    const auto loaded = load(modules, "minimal");
    REQUIRE(loaded);
    CHECK((*loaded)->source == at.plugins / "b.so");
}

TEST_CASE("scan: past a thousand files the rest is refused, in one sentence") {
    directories at;
    for (int i = 0; i < 1002; ++i) {
        at.put(std::to_string(10'000 + i) + ".so", "");
    }
    at.put("0.so", minimal());
    catalogue modules(at.settings());
    const auto changes = modules.scan();
    CHECK(changes.size() == 1 + 1 + 999);
    CHECK(told(changes).at(0) == "refused too_many_files plugins");
    CHECK(load(modules, "minimal"));
    CHECK(modules.scan().empty());
}
