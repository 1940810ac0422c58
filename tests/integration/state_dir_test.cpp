// The state directory: whose it is, who may write there, and who holds it.

#include "support/command.hpp"
#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using gateway::test::host_process;
using gateway::test::run_command;
using gateway::test::temporary_directory;

gateway::test::command_result run_on(const std::filesystem::path& state) {
    const temporary_directory empty;
    return run_command({GATEWAY_HOST_BINARY, "--plugins-dir", empty.path(), "--config", empty.file("gateway.toml", ""),
                        "--state-dir", state});
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("state directory: it is made for its user alone") {
    host_process host;
    host.start();
    host.wait_for_line({"ready"});
    struct stat found{};
    REQUIRE(::stat(host.state_dir().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0700U);
}

TEST_CASE("state directory: one that others may write to is refused with 78, whoever they are") {
    for (const unsigned mode : {0770U, 0720U, 0707U, 0702U}) {
        host_process host;
        std::filesystem::create_directory(host.state_dir());
        std::filesystem::permissions(host.state_dir(), std::filesystem::perms{mode});
        host.start();
        INFO(mode);
        CHECK(host.wait_for_exit() == 78);
        CHECK(has(host.output(), host.state_dir().string() + " may be changed by other users; chmod 700"));
        CHECK(std::filesystem::is_empty(host.state_dir()));
    }
}

TEST_CASE("state directory: one of another user is refused with 78") {
    if (::geteuid() != 0) {
        MESSAGE("only root can give a directory away");
        return;
    }
    host_process host;
    std::filesystem::create_directory(host.state_dir());
    std::filesystem::permissions(host.state_dir(), std::filesystem::perms{0700});
    REQUIRE(::chown(host.state_dir().c_str(), 65534, 65534) == 0);
    host.start();
    CHECK(host.wait_for_exit() == 78);
    CHECK(has(host.output(), "belongs to user 65534, but the host runs as 0"));
}

TEST_CASE("state directory: one that others may only read is used") {
    host_process host;
    std::filesystem::create_directory(host.state_dir());
    std::filesystem::permissions(host.state_dir(), std::filesystem::perms{0755});
    host.start();
    host.wait_for_line({"ready"});
}

TEST_CASE("state directory: what cannot be one is refused with 1 and the reason") {
    const temporary_directory directory;
    const auto file = directory.file("file", "");
    CHECK(run_on(file).exit_code == 1);
    CHECK(has(run_on(file).err, file));
    const auto below = run_on(file + "/state");
    CHECK(below.exit_code == 1);
    CHECK(has(below.err, "cannot be made"));
    const auto nowhere = run_on("/proc/gateway-state");  // a file system where nothing can be made, not even by root
    CHECK(nowhere.exit_code == 1);
    CHECK(has(nowhere.err, "/proc/gateway-state cannot be made"));
}

TEST_CASE("state directory: its lock is no link to somewhere else") {
    host_process host;
    std::filesystem::create_directory(host.state_dir());
    std::filesystem::permissions(host.state_dir(), std::filesystem::perms{0700});
    std::filesystem::create_symlink(host.config_file(), host.state_dir() / "lock");
    host.start();
    CHECK(host.wait_for_exit() == 1);
    CHECK(has(host.output(), "lock cannot be opened for writing"));
}

TEST_CASE("state directory: a second host on it is refused, and the first runs on") {
    host_process host;
    host.start();
    host.wait_for_line({"ready"});
    const auto second = run_on(host.state_dir());
    CHECK(second.exit_code == 1);
    CHECK(has(second.err, "another gateway-host uses"));
    CHECK(host.get("/v1/adapters").status == 200);
}
