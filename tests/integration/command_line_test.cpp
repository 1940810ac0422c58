// The arguments and exit codes of gateway-host and gatewayctl. (--check: check_test.cpp)

#include "support/command.hpp"
#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

using gateway::test::run_command;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("command line: --version says the version and nothing else") {
    const auto result = run_command({GATEWAY_HOST_BINARY, "--version"});
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("gateway-host "));
    CHECK(result.err.empty());
}

TEST_CASE("command line: what it does not know is a usage error, 2") {
    CHECK(run_command({GATEWAY_HOST_BINARY, "--plugin-dir", "/x"}).exit_code == 2);
    const auto level = run_command({GATEWAY_HOST_BINARY, "--log-level", "loud"});
    CHECK(level.exit_code == 2);
    CHECK(has(level.err, "must be debug, info, warning, error or off"));
    CHECK(run_command({GATEWAY_HOST_BINARY, "--log-format"}).exit_code == 2);
    const auto config = run_command({GATEWAY_HOST_BINARY, "--check", "--config", ""});
    CHECK(config.exit_code == 2);
    CHECK(has(config.err, "--config: must be a file's path, but is empty"));
}

TEST_CASE("command line: each level has its name, and the short ones are understood") {
    for (const auto* level : {"debug", "info", "warning", "warn", "error", "err", "off"}) {
        INFO(level);
        CHECK(run_command({GATEWAY_HOST_BINARY, "--log-level", level, "--version"}).exit_code == 0);
    }
}

TEST_CASE("command line: the exit codes stand in the help") {
    CHECK(has(run_command({GATEWAY_HOST_BINARY, "--help"}).out, "78 configuration"));
    CHECK(has(run_command({GATEWAYCTL_BINARY, "--help"}).out, "Exit codes: 0"));
}

TEST_CASE("unit: systemd has nothing against it") {
    const gateway::test::temporary_directory directory;
    std::ifstream file(std::string(GATEWAY_SOURCE_DIR) + "/etc/gateway-host.service");
    std::string unit{std::istreambuf_iterator<char>(file), {}};
    const std::string installed = "/usr/bin/gateway-host";
    REQUIRE(has(unit, installed));
    unit.replace(unit.find(installed), installed.size(), GATEWAY_HOST_BINARY);
    const auto path = directory.file("gateway-host.service", unit);
    const auto result = run_command({"/usr/bin/systemd-analyze", "verify", "--man=no", path});
    if (result.exit_code == 127) {
        MESSAGE("systemd-analyze is not installed");
        return;
    }
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK_FALSE(has(result.err, "gateway-host.service"));
}

TEST_CASE("gatewayctl: usage errors are 2, an absent host is 1 with the socket's path") {
    CHECK(run_command({GATEWAYCTL_BINARY}).exit_code == 2);
    CHECK(run_command({GATEWAYCTL_BINARY, "reconnect"}).exit_code == 2);
    const auto result = run_command({GATEWAYCTL_BINARY, "--socket", "/nowhere/control.sock", "status"});
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, "/nowhere/control.sock"));
}
