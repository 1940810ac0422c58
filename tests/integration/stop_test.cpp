// The end of the host: whatever hangs, a stop keeps its one budget; and a disk that hangs while it runs is seen.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using gateway::test::host_process;
using namespace std::chrono_literals;

std::string text_of(const boost::json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string().c_str());
}

// The host with one instance of a faulty module.
void start_with(host_process& host, const std::string& fault, const std::string& settings) {
    host.install(std::filesystem::path(GATEWAY_RUNTIME_FAULTS_DIR) / (fault + ".so"));
    host.configure(settings + "[adapters.bad]\nplugin = \"" + fault + "\"\n");
    host.start();
    host.wait_for_line({"online", "instance=bad"});
}

// What the host syncs can be made to wait (support/hanging_disk.c).
class hanging_disk {
public:
    explicit hanging_disk(host_process& host) : gate_(host.plugins_dir().parent_path() / "gate") {
        host.set_environment("LD_PRELOAD", GATEWAY_HANGING_DISK);
        host.set_environment("GATEWAY_DISK_GATE", gate_);
        const auto* options = std::getenv("ASAN_OPTIONS");
        host.set_environment("ASAN_OPTIONS", (options == nullptr ? std::string{} : options + std::string(":")) +
                                                 "verify_asan_link_order=0");
    }

    void hang() const { REQUIRE(::mkfifo(gate_.c_str(), 0600) == 0); }

    // Somebody waits at the gate by now.
    void work_again() const {
        const auto away = gate_.string() + ".open";
        std::filesystem::rename(gate_, away);
        const int opened = ::open(away.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        REQUIRE(opened >= 0);
        ::close(opened);
    }

private:
    std::filesystem::path gate_;
};

constexpr std::string_view talker = "[adapters.a]\nplugin = \"stub\"\nsay = { chat = \"lobby\", text = \"hello\" }\n";

}  // namespace

TEST_CASE("stop: an instance that never closes is waited for within the host's budget, not within its own") {
    host_process host;
    start_with(host, "fault_never_closes", "[gateway]\nstop_timeout = \"1s\"\n[reconnect]\nclose_timeout = \"10m\"\n");
    host.signal(SIGTERM);
    host.wait_for_line({"stopping", "budget_ms=1000"});
    host.wait_for_line({"did not close in time", "instance=bad"});
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("stop: told twice, the host does not wait for instances that do not close") {
    host_process host;
    start_with(host, "fault_never_closes", "[gateway]\nstop_timeout = \"10m\"\n[reconnect]\nclose_timeout = \"10m\"\n");
    host.signal(SIGTERM);
    host.wait_for_line({"stopping", "budget_ms=600000"});
    host.signal(SIGTERM);
    host.wait_for_line({"stopping", "budget_ms=1000"});
    host.wait_for_line({"did not close in time", "instance=bad"});
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("stop: a call that hangs is left when the budget is over, although it may take longer at other times") {
    host_process host;
    start_with(host, "fault_hang_close", "[gateway]\nstop_timeout = \"1s\"\ncall_timeout = \"10m\"\n");
    host.signal(SIGTERM);
    host.wait_for_line({"did not return", "instance=bad", "call=close"});
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("stop: a disk that hangs is left when the budget is over") {
    host_process host;
    const hanging_disk disk(host);
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[gateway]\nstop_timeout = \"2s\"\n" + std::string(talker));
    host.start();
    host.wait_for_line({"online", "instance=a"});
    disk.hang();
    CHECK(host.post("/v1/adapters/a/reconnect").status == 200);
    host.wait_for_line({"online", "instance=a"});
    host.signal(SIGTERM);
    host.wait_for_line({"the journal could not be written to its end"});
    CHECK(host.wait_for_exit() == 1);
}

TEST_CASE("journal: a disk that hangs shows in the log and in the health, until it answers again") {
    host_process host;
    const hanging_disk disk(host);
    host.install(GATEWAY_STUB_MODULE);
    host.configure(talker);
    host.start();
    host.wait_for_line({"online", "instance=a"});
    disk.hang();
    CHECK(host.post("/v1/adapters/a/reconnect").status == 200);
    host.wait_for_line({"error", "the journal cannot be written", "the disk has not answered for 10 s or more"});
    auto health = host.get("/v1/health").body.as_object();
    CHECK(text_of(health, "health") == "degraded");
    CHECK(text_of(health, "summary").find("the disk has not answered") != std::string::npos);
    disk.work_again();
    host.wait_for_line({"the journal can be written again"});
    health = host.get("/v1/health").body.as_object();
    CHECK(text_of(health, "health") == "ok");
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
}
