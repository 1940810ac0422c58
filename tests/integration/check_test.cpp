// gateway-host --check: all mistakes of a configuration in one run.

#include "support/command.hpp"
#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using gateway::test::run_command;
using gateway::test::temporary_directory;
using gateway::test::write_file;

// `gateway-host --check` of a configuration, with the stub and Telegram at hand.
gateway::test::command_result check(std::string_view toml) {
    const temporary_directory directory;
    const auto plugins = directory.path() / "plugins";
    std::filesystem::create_directory(plugins);
    for (const std::filesystem::path module : {GATEWAY_STUB_MODULE, GATEWAY_TELEGRAM_MODULE}) {
        std::filesystem::copy_file(module, plugins / module.filename());
        std::filesystem::permissions(plugins / module.filename(), std::filesystem::perms::owner_all);
    }
    std::filesystem::permissions(plugins, std::filesystem::perms::owner_all);
    write_file(directory.path() / "gateway.toml", toml);
    auto result = run_command({GATEWAY_HOST_BINARY, "--check", "--plugins-dir", plugins, "--config",
                               directory.path() / "gateway.toml", "--state-dir", directory.path() / "state"});
    CHECK_FALSE(std::filesystem::exists(directory.path() / "state"));
    return result;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) {
        lines.push_back(line);
    }
    return lines;
}

}  // namespace

TEST_CASE("check: a sound configuration is 0, and leaves no state behind") {
    const auto result = check("[adapters.echo]\nplugin = \"stub\"\necho = true\n");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
}

TEST_CASE("check: mistakes of all kinds are named in one run, with line, key and what would be right") {
    const auto result = check(R"([gateway]
max_conecting = 5
on_all_failed = "leave"
[adapters.a]
plugin = "stub"
echo = "yes"
connect = ["ok", "fail:transiet:dns"]
reconnect.initial = "soon"
[adapters.b]
plugin = "stab"
[adapters.c]
plugin = "telegram"
token = { env = "GATEWAY_NO_SUCH_VARIABLE" }
[adapters.d]
plugin = "telegram"
[adapters.a]
plugin = "stub"
[[routes]]
from = "a:*"
to = "nobody"
[adapters.e]
plugin = "telegram"
token = "123456:abc with spaces"
http = "3"
tokn = "123456:another-secret"
)");
    struct expectation {
        const char* place;
        const char* key;
        const char* right;
    };
    const std::vector<expectation> expected{
        {"gateway.toml:2:", "gateway.max_conecting", "unknown key; did you mean 'max_connecting'?"},
        {"gateway.toml:3:", "gateway.on_all_failed", "must be 'exit' or 'stay'"},
        {"gateway.toml:6:", "adapters.a.echo", "is a text, but must be true or false"},
        {"gateway.toml:7:", "adapters.a.connect[1]", "\"fail:CLASS:CODE\""},
        {"gateway.toml:8:", "adapters.a.reconnect.initial", "such as \"30s\""},
        {"gateway.toml:10:", "adapters.b.plugin", "did you mean 'stub'?"},
        {"gateway.toml:13:", "adapters.c.token", "GATEWAY_NO_SUCH_VARIABLE, which is not set"},
        {"gateway.toml:14:", "adapters.d.token", "is missing, and this adapter needs it: the bot's token"},
        {"gateway.toml:16:", "adapters.a", "is defined twice"},
        {"gateway.toml:20:", "routes[0].to", "names the instance 'nobody', which is not configured"},
        {"gateway.toml:23:", "adapters.e.token", "the bot's token as @BotFather gave it, like 123456:ABC-def"},
        {"gateway.toml:24:", "adapters.e.http", "must be \"auto\", \"1\", \"2\" or"},
        {"gateway.toml:25:", "adapters.e.tokn", "did you mean 'token'?"},
    };
    INFO(result.err);
    CHECK(result.exit_code == 78);
    const auto lines = lines_of(result.err);
    REQUIRE(lines.size() == expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        INFO(lines[i]);
        CHECK(has(lines[i], expected[i].place));
        CHECK(has(lines[i], std::string(": ") + expected[i].key + ": "));
        CHECK(has(lines[i], expected[i].right));
    }
    for (const auto* never : {"with spaces", "another-secret", "^", "[A-Za-z"}) {
        CHECK_FALSE(has(result.err, never));
    }
}

TEST_CASE("check: a disabled instance's mistakes are warnings") {
    const auto result = check(
        "[adapters.off]\nplugin = \"telegram\"\nenabled = false\ntoken = { env = \"GATEWAY_NO_SUCH_VARIABLE\" }\n");
    CHECK(result.exit_code == 0);
    CHECK(has(result.err, "warning: "));
    CHECK(has(result.err, "gateway.toml:4:"));
}

TEST_CASE("check: an absent file that was asked for is a mistake") {
    const auto result = run_command({GATEWAY_HOST_BINARY, "--check", "--config", "/nowhere/gateway.toml"});
    CHECK(result.exit_code == 78);
    CHECK(has(result.err, "/nowhere/gateway.toml"));
}

TEST_CASE("check: refused modules are said where an instance asks for one that is not there") {
    const temporary_directory directory;
    const auto plugins = directory.path() / "plugins";
    write_file(directory.path() / "gateway.toml", "[adapters.a]\nplugin = \"stub\"\n");
    const auto run = [&] {
        return run_command(
            {GATEWAY_HOST_BINARY, "--check", "--plugins-dir", plugins, "--config", directory.path() / "gateway.toml"});
    };
    CHECK(has(run().err, "no module of " + plugins.string() + " is called 'stub'"));
    std::filesystem::create_directory(plugins);
    std::filesystem::permissions(plugins, std::filesystem::perms::owner_all);
    write_file(plugins / "stub.so", "this is no module");
    std::filesystem::permissions(plugins / "stub.so", std::filesystem::perms::owner_all);
    const auto broken = run();
    CHECK(broken.exit_code == 78);
    CHECK(has(broken.err, "gateway.toml:2:10: adapters.a.plugin: "));
    CHECK(has(broken.err, "stub.so"));
}
