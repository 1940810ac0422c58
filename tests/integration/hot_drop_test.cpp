// Modules dropped into the directory of a running host.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using gateway::test::host_process;
using gateway::test::write_file;

}  // namespace

TEST_CASE("hot drop: an instance whose module is missing waits for it, and connects when it is dropped") {
    host_process host;
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"failed", "instance=a", "code=not_present"});
    host.install(GATEWAY_STUB_MODULE);
    host.wait_for_line({"a module is there", "module=stub"});
    host.wait_for_line({"online", "instance=a"});
}

TEST_CASE("hot drop: without a plugins directory the host says so, and watches for it") {
    host_process host;
    std::filesystem::remove_all(host.plugins_dir());
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"the plugins directory cannot be used", host.plugins_dir().string() + " does not exist"});
    host.wait_for_line({"ready"});
    CHECK(host.output().find("a module is refused") == std::string::npos);
    std::filesystem::create_directory(host.plugins_dir());
    std::filesystem::permissions(host.plugins_dir(), std::filesystem::perms::owner_all);
    host.install(GATEWAY_STUB_MODULE);
    host.wait_for_line({"online", "instance=a"});
}

TEST_CASE("hot drop: a broken file is refused with its reason, harms nobody, and is replaced by a good one") {
    host_process host;
    host.install(std::filesystem::path(GATEWAY_STATIC_FAULTS_DIR) / "good_minimal.so");
    host.configure("[adapters.well]\nplugin = \"minimal\"\n[adapters.late]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=well"});
    write_file(host.plugins_dir() / "stub.so", "this is no module");
    host.wait_for_line({"a module is refused", "stub.so", "code=not_elf"});
    host.install(GATEWAY_STUB_MODULE);
    host.wait_for_line({"online", "instance=late"});
    CHECK(std::string(host.adapter("well").at("state").as_string().c_str()) == "online");
    CHECK(host.adapter("well").at("incarnation").to_number<int>() == 1);
}

TEST_CASE("hot drop: overwriting the file of a loaded module in place is harmless") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    write_file(host.plugins_dir() / "stub.so", std::string(300'000, 'x'));
    host.wait_for_line({"stub.so", "not_elf"});
    CHECK(host.post("/v1/adapters/a/reconnect").status == 200);
    host.wait_for_line({"online", "instance=a"});
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("hot drop: a module that nobody needs yet is loaded too, so that its faults are known") {
    host_process host;
    host.start();
    host.install(std::filesystem::path(GATEWAY_STATIC_FAULTS_DIR) / "refuse_unresolved_symbol.so");
    host.wait_for_line({"a module is refused", "code=unresolved_symbol"});
    const auto modules = host.get("/v1/modules").body;
    CHECK(modules.at("refused").as_array().size() == 1);
}
