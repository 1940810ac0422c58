// The templates of the SDK, built from the installed SDK as an author elsewhere builds them, in the real host.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace {

using gateway::test::host_process;

// tests/abi leaves them there (the CTest fixture abi_templates).
std::filesystem::path built(const std::string& name) {
    return std::filesystem::path(GATEWAY_TEMPLATES_DIR) / (name + ".so");
}

}  // namespace

TEST_CASE("templates: the adapters of the SDK's templates come online and echo, in C and in C++") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.install(built("echo_c"));
    host.install(built("echo_cpp"));
    // The words of a stub reach the log at debug level, what is said to it as "CHAT <- TEXT".
    host.add_argument("--log-level");
    host.add_argument("debug");
    host.configure(R"(
[adapters.in_c]
plugin = "echo_c"
[adapters.in_cpp]
plugin = "echo_cpp"
[adapters.one]
plugin = "stub"
say = { chat = "lobby", text = "to C", every = "1ms", count = 1 }
[adapters.two]
plugin = "stub"
say = { chat = "lobby", text = "to C++", every = "1ms", count = 1 }
[[routes]]
from = "one:*"
to = "in_c"
[[routes]]
from = "two:*"
to = "in_cpp"
)");
    host.start();
    host.wait_for_lines({{"online", "instance=in_c ", "Echo"},
                         {"online", "instance=in_cpp", "Echo"},
                         {"lobby <- to C", "instance=one"},
                         {"lobby <- to C++", "instance=two"}});
    for (const auto* name : {"in_c", "in_cpp"}) {
        const auto shown = host.adapter(name);
        CHECK(shown.at("state").as_string() == "online");
        CHECK(shown.at("version").as_string() == "1.0.0");
        CHECK(shown.at("incarnation").to_number<int>() == 1);
    }
    const auto counted = host.get("/v1/counters").body.at("deliveries").as_object();
    CHECK(counted.at("failed").to_number<int>() == 0);
    CHECK(counted.at("unknown").to_number<int>() == 0);
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
    CHECK(host.output().find("broke the adapter contract") == std::string::npos);
}
