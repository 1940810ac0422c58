// gateway-host's arguments, --check and exit codes.

#include "support/command.hpp"
#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

using gateway::test::run_command;
using gateway::test::temporary_directory;
using gateway::test::write_file;

// `gateway-host --check` of a configuration, with the stub at hand.
gateway::test::command_result check(std::string_view toml) {
    const temporary_directory directory;
    const auto plugins = directory.path() / "plugins";
    std::filesystem::create_directory(plugins);
    std::filesystem::copy_file(GATEWAY_STUB_MODULE, plugins / "stub.so");
    std::filesystem::permissions(plugins / "stub.so", std::filesystem::perms::owner_all);
    std::filesystem::permissions(plugins, std::filesystem::perms::owner_all);
    write_file(directory.path() / "gateway.toml", toml);
    return run_command({GATEWAY_HOST_BINARY, "--check", "--plugins-dir", plugins, "--config",
                        directory.path() / "gateway.toml", "--state-dir", directory.path() / "state"});
}

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
    CHECK(run_command({GATEWAY_HOST_BINARY, "--log-level", "loud"}).exit_code == 2);
    CHECK(run_command({GATEWAY_HOST_BINARY, "--log-format"}).exit_code == 2);
}

TEST_CASE("check: a sound configuration is 0, and leaves no state behind") {
    const auto result = check("[adapters.echo]\nplugin = \"stub\"\necho = true\n");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
}

TEST_CASE("check: every mistake is named with file, line and key, and the exit code is 78") {
    const auto result = check(R"([adapters.echo]
plugin = "stub"
ecko = true
connect = "ok"
reconnect.initial = "soon"

[[routes]]
from = "echo:*"
to = "nobody"
)");
    CHECK(result.exit_code == 78);
    CHECK(has(result.err, "gateway.toml:5:"));
    CHECK(has(result.err, "adapters.echo.reconnect.initial"));
    CHECK(has(result.err, "gateway.toml:9:"));
    CHECK(has(result.err, "nobody"));
}

TEST_CASE("check: an instance's own keys are held against its module's schema") {
    const auto result = check("[adapters.echo]\nplugin = \"stub\"\necko = true\n");
    CHECK(result.exit_code == 78);
    CHECK(has(result.err, "gateway.toml:3:"));
    CHECK(has(result.err, "adapters.echo.ecko"));
    CHECK(has(result.err, "'echo'"));
}

TEST_CASE("check: an unknown plugin is named with those that are there") {
    const auto result = check("[adapters.echo]\nplugin = \"stab\"\n");
    CHECK(result.exit_code == 78);
    CHECK(has(result.err, "adapters.echo.plugin"));
    CHECK(has(result.err, "'stub'"));
}

TEST_CASE("check: an absent file that was asked for is a mistake") {
    const auto result = run_command({GATEWAY_HOST_BINARY, "--check", "--config", "/nowhere/gateway.toml"});
    CHECK(result.exit_code == 78);
    CHECK(has(result.err, "/nowhere/gateway.toml"));
}

TEST_CASE("gatewayctl: usage errors are 2, an absent host is 1 with the socket's path") {
    CHECK(run_command({GATEWAYCTL_BINARY}).exit_code == 2);
    CHECK(run_command({GATEWAYCTL_BINARY, "reconnect"}).exit_code == 2);
    const auto result = run_command({GATEWAYCTL_BINARY, "--socket", "/nowhere/control.sock", "status"});
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, "/nowhere/control.sock"));
}
