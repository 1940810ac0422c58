// Messages from one instance to another and back, through crashes, outages and pauses: each arrives once.

#include "support/host_process.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <csignal>
#include <string>

namespace {

using gateway::test::host_process;

std::int64_t number(const host_process& host, std::string_view group, std::string_view name) {
    return host.get("/v1/counters").body.at(group).at(name).to_number<std::int64_t>();
}

void talk_and_echo(host_process& host, int count, std::string_view more_echo = {}) {
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.talker]\nplugin = \"stub\"\n"
        "say = { chat = \"lobby\", text = \"hello\", every = \"2ms\", count = " +
        std::to_string(count) + " }\n[adapters.echo]\nplugin = \"stub\"\necho = true\n" + std::string(more_echo) +
        "[[routes]]\nfrom = \"talker:*\"\nto = \"echo\"\n");
}

}  // namespace

TEST_CASE("flow: what an agent answers goes back to the chat it came from, and the counters balance") {
    host_process host;
    talk_and_echo(host, 20);
    host.add_argument("--log-level");
    host.add_argument("debug");
    host.start();
    for (int i = 0; i < 20; ++i) {
        host.wait_for_line({"hello", "instance=talker"});
    }
    CHECK(number(host, "events", "unroutable") == 0);
    CHECK(number(host, "deliveries", "failed") == 0);
    CHECK(number(host, "deliveries", "unknown") == 0);
}

TEST_CASE("flow: deliveries wait while their instance is paused, and flow when it is back") {
    host_process host;
    talk_and_echo(host, 20);
    host.add_argument("--log-level");
    host.add_argument("debug");
    host.start();
    host.wait_for_line({"online", "instance=echo"});
    CHECK(host.post("/v1/adapters/echo/pause").status == 200);
    host.wait_for_line({"paused", "instance=echo"});
    CHECK(host.post("/v1/adapters/echo/resume").status == 200);
    host.wait_for_line({"online", "instance=echo"});
    host.wait_for_line({"hello", "instance=talker"});
}
