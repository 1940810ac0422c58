// Modules dropped into the directory of a running host.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace {

using gateway::test::host_process;
using gateway::test::write_file;

// The host with an instance whose module is being tried, and stays at that until `let_through`.
class gated_host {
public:
    gated_host() {
        const auto gate = host.config_file().parent_path() / "gate";
        REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
        host.set_environment("GATEWAY_GATE", gate);
        host.install(std::filesystem::path(GATEWAY_STATIC_FAULTS_DIR) / "good_gated_constructor.so");
        host.configure("[adapters.a]\nplugin = \"gated\"\n");
        host.start();
        host.wait_for_line({"ready"});
        writer_ = ::open(gate.c_str(), O_WRONLY | O_CLOEXEC);  // once the module's constructor has it open
        REQUIRE(writer_ >= 0);
        std::filesystem::remove(gate);
        REQUIRE(state() == "connecting");
    }
    ~gated_host() { let_through(); }
    gated_host(const gated_host&) = delete;
    gated_host& operator=(const gated_host&) = delete;

    void let_through() {
        if (writer_ >= 0) {
            ::close(std::exchange(writer_, -1));
        }
    }
    [[nodiscard]] std::string state() const { return std::string(host.adapter("a").at("state").as_string().c_str()); }

    host_process host;

private:
    int writer_ = -1;
};

}  // namespace

TEST_CASE("hot drop: an instance is connecting while its module is tried, and is created when that went well") {
    gated_host one;
    one.let_through();
    one.host.wait_for_line({"online", "instance=a"});
    CHECK(one.host.adapter("a").at("incarnation").to_number<int>() == 1);
}

TEST_CASE("hot drop: one that is paused while its module is tried is not created when that is done") {
    gated_host one;
    CHECK(one.host.post("/v1/adapters/a/pause").status == 200);
    CHECK(one.state() == "paused");
    one.let_through();
    one.host.install(std::filesystem::path(GATEWAY_STATIC_FAULTS_DIR) / "good_minimal.so");  // told of after the other
    one.host.wait_for_line({"a module is there", "module=minimal"});
    CHECK(one.state() == "paused");
    CHECK(one.host.post("/v1/adapters/a/resume").status == 200);
    one.host.wait_for_line({"online", "instance=a"});
    one.host.signal(SIGTERM);
    CHECK(one.host.wait_for_exit() == 0);
}

TEST_CASE("hot drop: one that is reconnected while its module is tried comes up once") {
    gated_host one;
    CHECK(one.host.post("/v1/adapters/a/reconnect").status == 200);
    CHECK(one.state() == "connecting");
    one.let_through();
    one.host.wait_for_line({"online", "instance=a"});
    CHECK(one.host.adapter("a").at("incarnation").to_number<int>() == 2);
    one.host.signal(SIGTERM);
    CHECK(one.host.wait_for_exit() == 0);
}

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

TEST_CASE("hot drop: the same file of a loaded module once more gives its failed instances another try, and no other") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.a]\nplugin = \"stub\"\n"
        "[adapters.b]\nplugin = \"stub\"\nconnect = [\"fail:auth:token\", \"ok\"]\n");
    host.start();
    host.wait_for_lines({{"online", "instance=a"}, {"failed", "instance=b", "code=token"}});
    host.install(GATEWAY_STUB_MODULE);
    host.wait_for_line({"put there again", "module=stub"});
    host.wait_for_line({"online", "instance=b"});
    CHECK(host.adapter("a").at("incarnation").to_number<int>() == 1);
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
