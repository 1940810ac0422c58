#include "module/catalogue.hpp"
#include "unit/module_fixture.hpp"

#include <doctest/doctest.h>

#include <dlfcn.h>
#include <elf.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace gateway::module;
using namespace gateway::module::testing;

namespace {

// The sentence with which "x.so" is refused, at the scan or else at loading, without its path; checks the code.
std::string refused(const directories& at, refusal_code code) {
    const auto path = (at.plugins / "x.so").string();
    catalogue modules(at.settings());
    auto changes = modules.scan();
    REQUIRE(changes.size() == 1);
    auto why = changes[0].refused;
    if (!why) {
        CHECK(changes[0].what == change::kind::appeared);
        const auto loaded = load(modules, changes[0].name);
        REQUIRE_FALSE(loaded);
        why = loaded.error();
    }
    CHECK(to_string(why->code) == to_string(code));
    CHECK(why->path == path);
    CHECK(modules.refusals().size() == 1);
    CHECK(modules.refusals().at(0) == *why);
    CHECK(modules.names().empty());
    const auto at_path = why->sentence.find(path);
    REQUIRE_MESSAGE(at_path != std::string::npos, why->sentence);
    return why->sentence.replace(at_path, path.size(), "FILE");
}

std::string refused_module(const std::string& name, refusal_code code) {
    directories at;
    at.put("x.so", contents(built(name)));
    return refused(at, code);
}

std::string refused_bytes(const std::string& bytes, refusal_code code) {
    directories at;
    at.put("x.so", bytes);
    return refused(at, code);
}

}  // namespace

TEST_CASE("refusal: not an ELF file") {
    CHECK(refused_bytes("print('hello')\n", refusal_code::not_elf) ==
          "FILE is no ELF file; a module is an ELF shared object");
    CHECK(refused_bytes("", refusal_code::not_elf) == "FILE is empty; a module is an ELF shared object");
}

TEST_CASE("refusal: another architecture") {
    auto bytes = minimal();
    bytes[18] = bytes[18] == EM_X86_64 ? static_cast<char>(EM_AARCH64) : char{EM_X86_64};  // e_machine
    const auto sentence = refused_bytes(bytes, refusal_code::wrong_architecture);
    CHECK(sentence.starts_with("FILE is built for "));
    CHECK(sentence.find("; this host needs ") != std::string::npos);
}

TEST_CASE("refusal: a truncated file") {
    const auto bytes = minimal();
    const auto half = bytes.size() / 2;
    CHECK(refused_bytes(bytes.substr(0, half), refusal_code::truncated)
              .starts_with("FILE is truncated: it ends after " + std::to_string(half) +
                           " bytes, before the end of its "));
}

TEST_CASE("refusal: a program or object file") {
    auto bytes = minimal();
    bytes[16] = ET_REL;
    CHECK(refused_bytes(bytes, refusal_code::not_shared_object) ==
          "FILE is an ELF file but no shared object; a module is linked with -shared");
}

TEST_CASE("refusal: no note") {
    CHECK(refused_module("refuse_no_note", refusal_code::no_note) ==
          "FILE is a shared object without a manifest; a module has one in its ELF note \"gateway\" (see GW_MANIFEST "
          "in gateway/manifest.h)");
}

TEST_CASE("refusal: a manifest over its bound") {
    CHECK(refused_module("refuse_large_manifest", refusal_code::bad_note) ==
          "FILE has a broken note segment: its text is longer than 65536 bytes");
}

TEST_CASE("refusal: a manifest that is not JSON") {
    CHECK(refused_module("refuse_bad_manifest", refusal_code::bad_manifest)
              .starts_with("the manifest of FILE is not valid JSON: "));
}

TEST_CASE("refusal: another major version of the ABI, in the manifest or in the struct") {
    CHECK(refused_module("refuse_wrong_major", refusal_code::wrong_abi) ==
          "FILE is made for version 2.0 of the gateway's ABI; this host has 1.0 and needs a module for 1.x");
    CHECK(refused_module("refuse_wrong_major_in_memory", refusal_code::wrong_abi) ==
          "FILE exports gateway_adapter_v1 with abi_major 2; it must be 1");
}

TEST_CASE("refusal: a newer minor version of the ABI") {
    CHECK(refused_module("refuse_newer_minor", refusal_code::newer_abi) ==
          "FILE needs version 1.9999 of the gateway's ABI; this host has only 1.0: a newer host can use it");
}

TEST_CASE("refusal: a requirement that is not met") {
    CHECK(refused_module("refuse_requirement", refusal_code::requirement_missing) ==
          "FILE requires the extension \"gateway.time-travel/1\", which this host does not offer");
}

TEST_CASE("refusal: the symbol is missing, or is a function") {
    CHECK(refused_module("refuse_hidden_symbol", refusal_code::missing_symbol) ==
          "FILE does not export gateway_adapter_v1; a module defines this gw_adapter with default visibility "
          "(GW_EXPORT)");
    CHECK(refused_module("refuse_function_symbol", refusal_code::missing_symbol) ==
          "FILE exports gateway_adapter_v1 as a function; it must be the gw_adapter itself, as data");
}

TEST_CASE("refusal: an unresolved symbol") {
    CHECK(refused_module("refuse_unresolved_symbol", refusal_code::unresolved_symbol) ==
          "FILE uses nobody_defines_this, which neither it nor a library it is linked with defines; linking it with "
          "-Wl,-z,defs finds that when it is built");
}

TEST_CASE("refusal: a library is missing") {
    CHECK(refused_module("refuse_missing_library", refusal_code::missing_library) ==
          "FILE is linked with libabsent_library.so, which is not installed here");
}

// After the case above, since from here on the library is loaded.
TEST_CASE("refusal: an operator has a refused module tried again though its file is the same") {
    directories at;
    at.put("missing-library.so", contents(built("refuse_missing_library")));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(load(modules, "missing-library").error().code == refusal_code::missing_library);
    modules.judge_again("missing-library");
    CHECK(load(modules, "missing-library").error().code == refusal_code::missing_library);
    // Loaded by its name from anywhere, the library is there for everybody: as if it had been installed meanwhile.
    void* library = ::dlopen((fs::path(GATEWAY_STATIC_FAULTS_DIR) / "libabsent_library.so").c_str(), RTLD_NOW);
    REQUIRE(library != nullptr);
    CHECK(load(modules, "missing-library").error().code == refusal_code::missing_library);
    modules.judge_again("missing-library");
    CHECK(load(modules, "missing-library"));
    ::dlclose(library);
}

TEST_CASE("refusal: a struct that ends before its functions do") {
    CHECK(refused_module("refuse_short_struct", refusal_code::struct_too_short) ==
          "FILE exports gateway_adapter_v1 with 40 bytes; its struct_size must be at least 88");
    CHECK(refused_module("refuse_short_struct_size", refusal_code::struct_too_short) ==
          "FILE exports gateway_adapter_v1 with 56 bytes; its struct_size must be at least 88");
}

TEST_CASE("refusal: a function is null") {
    CHECK(refused_module("refuse_null_function", refusal_code::null_function) ==
          "FILE has no function \"deliver\" in gateway_adapter_v1; all but \"extension\" must be there");
}

TEST_CASE("refusal: the note and the struct have different manifests") {
    CHECK(refused_module("refuse_manifest_differs", refusal_code::manifest_differs) ==
          "FILE has one manifest in its ELF note and another in gateway_adapter_v1; both must be equal "
          "(GW_MANIFEST_TEXT)");
    CHECK(refused_module("refuse_wild_manifest", refusal_code::manifest_differs).starts_with("FILE has one manifest "));
}

TEST_CASE("refusal: a file that anybody may change") {
    directories at;
    at.put("x.so", minimal());
    REQUIRE(::chmod((at.plugins / "x.so").c_str(), 0666) == 0);
    CHECK(refused(at, refusal_code::writable_by_all) ==
          "FILE may be changed by anybody; take that right away: chmod o-w " + (at.plugins / "x.so").string());
}

TEST_CASE("refusal: a file that its group may change is accepted") {
    directories at;
    at.put("x.so", minimal());
    REQUIRE(::chmod((at.plugins / "x.so").c_str(), 0664) == 0);
    REQUIRE(::chmod(at.plugins.c_str(), 0775) == 0);
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(load(modules, "minimal"));
}

TEST_CASE("refusal: a directory that anybody may write to, and no module of it is used") {
    directories at;
    at.put("x.so", minimal());
    catalogue modules(at.settings());
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    REQUIRE(::chmod(at.plugins.c_str(), 01777) == 0);
    CHECK(told(modules.rescan()) == words{"refused writable_by_all plugins", "vanished minimal"});
    CHECK(modules.refusals().at(0).sentence == at.plugins.string() +
                                                   " is a directory that anybody may write to; take that right away: "
                                                   "chmod o-w " +
                                                   at.plugins.string());
    CHECK(load(modules, "minimal").error().code == refusal_code::writable_by_all);
    REQUIRE(::chmod(at.plugins.c_str(), 0755) == 0);
    CHECK(told(modules.scan()) == words{"appeared minimal"});
    CHECK(load(modules, "minimal"));
}

TEST_CASE("refusal: a directory further up that anybody may write to, unless it is sticky") {
    directories at;
    at.put("x.so", minimal());
    catalogue modules(at.settings());
    REQUIRE(::chmod(at.root.path().c_str(), 0777) == 0);
    CHECK(told(modules.scan()) == words{"refused writable_by_all plugins"});
    CHECK(modules.refusals().at(0).sentence == at.plugins.string() + " lies below " + at.root.path().string() +
                                                   ", where anybody may write; take that right away: chmod o-w " +
                                                   at.root.path().string());
    REQUIRE(::chmod(at.root.path().c_str(), 01777) == 0);
    CHECK(told(modules.scan()) == words{"appeared minimal"});
}

TEST_CASE("refusal: a link into a directory that anybody may write to, until that is mended") {
    directories at;
    const auto open = at.root.path() / "open";
    fs::create_directory(open);
    write(open / "minimal.so", minimal());
    REQUIRE(::chmod(open.c_str(), 0777) == 0);
    fs::create_symlink(open / "minimal.so", at.plugins / "x.so");
    CHECK(refused(at, refusal_code::writable_by_all).starts_with("FILE lies below " + open.string() + ", where "));
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(modules.rescan().empty());
    REQUIRE(::chmod(open.c_str(), 0755) == 0);
    CHECK(told(modules.rescan()) == words{"appeared minimal"});
}

TEST_CASE("refusal: a file of somebody else" * doctest::skip(::geteuid() != 0)) {
    directories at;
    at.put("x.so", minimal());
    REQUIRE(::chown((at.plugins / "x.so").c_str(), 12345, 0) == 0);
    CHECK(refused(at, refusal_code::wrong_owner) ==
          "FILE belongs to user 12345; it must belong to root or to the user the host runs as (0)");
}

TEST_CASE("refusal: what is no file, and does not block") {
    directories at;
    const auto path = at.plugins / "x.so";
    SUBCASE("directory") {
        fs::create_directory(path);
    }
    SUBCASE("pipe") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    }
    SUBCASE("device") {
        fs::create_symlink("/dev/zero", path);
    }
    CHECK(refused(at, refusal_code::not_regular_file) ==
          "FILE is no regular file; a module is a file, or a link to one");
}

TEST_CASE("refusal: a link that leads nowhere or in a circle") {
    directories at;
    const auto path = at.plugins / "x.so";
    SUBCASE("nowhere") {
        fs::create_symlink("absent", path);
        CHECK(refused(at, refusal_code::unreadable) == "FILE cannot be opened: No such file or directory");
    }
    SUBCASE("circle") {
        fs::create_symlink("x.so", path);
        CHECK(refused(at, refusal_code::unreadable) == "FILE cannot be opened: Too many levels of symbolic links");
    }
}

TEST_CASE("refusal: a file over its bound is not read") {
    directories at;
    at.put("x.so", minimal());
    fs::resize_file(at.plugins / "x.so", max_module_bytes + 1);
    CHECK(refused(at, refusal_code::too_large) == "FILE has 268435457 bytes; a module has at most 268435456");
}

TEST_CASE("refusal: a file name cannot write lines of its own into a log") {
    directories at;
    at.put("a\nb\x1b[31m.so", "nonsense");
    catalogue modules(at.settings());
    CHECK(modules.scan().size() == 1);
    CHECK(modules.refusals().at(0).sentence ==
          (at.plugins / "a?b?[31m.so").string() + " is no ELF file; a module is an ELF shared object");
}

TEST_CASE("refusal: broken files harm none of those beside them") {
    directories at;
    for (const auto* name :
         {"refuse_no_note", "refuse_wrong_major", "refuse_hidden_symbol", "refuse_unresolved_symbol",
          "refuse_null_function", "refuse_short_struct", "refuse_manifest_differs", "good_minimal"}) {
        at.put(std::string(name) + ".so", contents(built(name)));
    }
    at.put("nonsense.so", "nonsense");
    catalogue modules(at.settings());
    (void)modules.scan();
    std::size_t usable = 0;
    for (const auto& name : modules.names()) {
        usable += load(modules, name) ? 1 : 0;
    }
    CHECK(usable == 1);
    CHECK(modules.names() == words{"minimal"});
    CHECK(modules.refusals().size() == 8);
}
