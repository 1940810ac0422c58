#include "module/catalogue.hpp"
#include "unit/module_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace gateway::module;
using namespace gateway::module::testing;

namespace {

// Where the dynamic linker mapped this from.
std::string mapped_from(const void* address) {
    Dl_info info{};
    return ::dladdr(address, &info) != 0 ? info.dli_fname : "";
}

unsigned mode_of(const fs::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::string text_of(const gw_adapter& adapter) {
    return {adapter.manifest.data, adapter.manifest.size};
}

std::size_t count_files(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("load: a module is loaded from a private copy") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    const auto loaded = load(modules, "minimal");
    REQUIRE(loaded);
    const auto& module = **loaded;
    CHECK(module.adapter->abi_major == GW_ABI_MAJOR);
    CHECK(module.generation == 1);
    CHECK(module.source == at.plugins / "minimal.so");
    CHECK(module.copy == at.state / "generations" / "minimal-1.so");
    CHECK(mapped_from(module.adapter) == module.copy);
    CHECK(mapped_from(reinterpret_cast<const void*>(module.adapter->create)) == module.copy);
    CHECK(contents("/proc/self/maps").find(module.source.string()) == std::string::npos);
    CHECK(contents(module.copy) == minimal());
    CHECK(mode_of(module.copy) == 0400);
    CHECK(mode_of(module.copy.parent_path()) == 0700);
    CHECK(modules.find("minimal") == &module);
    CHECK(*load(modules, "minimal") == &module);
}

TEST_CASE("load: overwriting, cutting and removing the original does not touch what is loaded") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    const auto* adapter = (*load(modules, "minimal"))->adapter;
    const auto text = text_of(*adapter);
    at.put("minimal.so", std::string(minimal().size(), '\xff'));  // in place: the same inode
    CHECK(text_of(*adapter) == text);
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"refused not_elf minimal.so"});
    at.put("minimal.so", "");
    CHECK(text_of(*adapter) == text);
    fs::remove(at.plugins / "minimal.so");
    CHECK(told(modules.look({"minimal.so"}, {})).empty());
    CHECK(modules.find("minimal")->adapter == adapter);
    CHECK(modules.describe("minimal")->text == text);
}

TEST_CASE("load: a new version of a loaded module is told and not used") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    const auto* loaded = *load(modules, "minimal");
    at.put_by_rename("minimal.so", minimal_version("2.0.0"));
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"replaced minimal"});
    CHECK(modules.rescan().empty());
    CHECK(*load(modules, "minimal") == loaded);
    CHECK(modules.describe("minimal")->version == "1.0.0");
    CHECK(text_of(*loaded->adapter).find("1.0.0") != std::string::npos);
    CHECK(count_files(at.state / "generations") == 1);
}

TEST_CASE("load: a loaded module whose file is touched, renamed or put back is reinstalled, not replaced") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(load(modules, "minimal"));
    CHECK(modules.look({"minimal.so"}, {}).empty());
    at.put("minimal.so", minimal());
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"reinstalled minimal"});
    CHECK(modules.look({"minimal.so"}, {}).empty());
    fs::rename(at.plugins / "minimal.so", at.plugins / "renamed.so");
    CHECK(told(modules.look({"minimal.so", "renamed.so"}, {})) == words{"reinstalled minimal"});
    fs::remove(at.plugins / "renamed.so");
    CHECK(told(modules.look({"renamed.so"}, {})) == words{"vanished minimal"});
    at.put("minimal.so", minimal());
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"reinstalled minimal"});
}

TEST_CASE("load: the file as it is now is loaded, if it still is that module") {
    directories at;
    at.put("minimal.so", minimal());
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    SUBCASE("a new version that nobody looked at yet") {
        at.put_by_rename("minimal.so", minimal_version("2.0.0"));
        REQUIRE(load(modules, "minimal"));
        CHECK(modules.find("minimal")->description->version == "2.0.0");
        CHECK(modules.look({"minimal.so"}, {}).empty());
    }
    SUBCASE("another module by now") {
        at.put_by_rename("minimal.so", minimal_named("another"));
        CHECK(load(modules, "minimal").error().code == refusal_code::changing);
        CHECK(told(modules.look({"minimal.so"}, {})) == words{"appeared another", "vanished minimal"});
        CHECK(load(modules, "another"));
    }
    SUBCASE("broken by now") {
        at.put_by_rename("minimal.so", minimal().substr(0, 5000));
        CHECK(load(modules, "minimal").error().code == refusal_code::truncated);
        CHECK(count_files(at.state / "generations") == 0);
    }
}

TEST_CASE("load: copies of earlier runs are removed, and a second host in one process loads its own file") {
    directories at;
    at.put("minimal.so", minimal());
    std::string first_copy;
    {
        catalogue modules(at.settings());
        CHECK(modules.scan().size() == 1);
        REQUIRE(load(modules, "minimal"));
        first_copy = modules.find("minimal")->copy;
    }
    write(at.state / "generations" / "stale-7.so", "left behind");
    at.put_by_rename("minimal.so", minimal_version("2.0.0"));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(count_files(at.state / "generations") == 2);
    REQUIRE(load(modules, "minimal"));
    CHECK(count_files(at.state / "generations") == 1);
    CHECK(modules.find("minimal")->copy != first_copy);
    CHECK(text_of(*modules.find("minimal")->adapter).find("2.0.0") != std::string::npos);
}

TEST_CASE("load: a name that nobody has is refused, and says where a file would be looked for") {
    directories at;
    catalogue modules(at.settings());
    CHECK(modules.scan().empty());
    const auto loaded = load(modules, "telegram");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == refusal_code::not_present);
    CHECK(loaded.error().sentence ==
          "no module in " + at.plugins.string() + " is named \"telegram\"; put its file there");
}

TEST_CASE("load: a name whose file was refused is refused for that reason") {
    directories at;
    at.put("telegram.so", "nonsense");
    at.put("some.so", contents(built("refuse_newer_minor")));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 2);
    CHECK(load(modules, "telegram").error().code == refusal_code::not_elf);
    CHECK(load(modules, "newer-minor").error().code == refusal_code::newer_abi);
}

TEST_CASE("load: a state directory that cannot be used is named, and tried again at the next load") {
    directories at;
    at.put("minimal.so", minimal());
    write(at.state, "a file");
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    const auto loaded = load(modules, "minimal");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == refusal_code::copy_failed);
    CHECK(loaded.error().sentence.starts_with((at.plugins / "minimal.so").string() + " cannot be copied to " +
                                              (at.state / "generations").string() + ": "));
    CHECK(modules.refusals().empty());
    fs::remove(at.state);
    CHECK(load(modules, "minimal"));
}

TEST_CASE("load: what could not be loaded is tried again when its file changes, and not before") {
    directories at;
    at.put("minimal.so", patched(minimal(), "gateway_adapter_v1", "gateway_adapter_v0"));
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    CHECK(load(modules, "minimal").error().code == refusal_code::missing_symbol);
    CHECK(modules.names().empty());
    CHECK(modules.refusals().size() == 1);
    CHECK(count_files(at.state / "generations") == 0);
    CHECK(modules.rescan().empty());
    CHECK(load(modules, "minimal").error().code == refusal_code::missing_symbol);
    at.put_by_rename("minimal.so", minimal());
    CHECK(told(modules.look({"minimal.so"}, {})) == words{"appeared minimal"});
    CHECK(modules.refusals().empty());
    CHECK(load(modules, "minimal"));
}

TEST_CASE("load: when an operator asks, a file that was mended without anybody noticing is found") {
    directories at;
    at.put("minimal.so", "nonsense");
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    at.put("minimal.so", minimal());
    CHECK(load(modules, "minimal").error().code == refusal_code::not_elf);
    modules.judge_again("minimal");
    CHECK(modules.refusals().empty());
    CHECK(load(modules, "minimal"));
}
