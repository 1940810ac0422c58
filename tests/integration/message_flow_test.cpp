// Messages from one instance to another and back, through crashes, outages and pauses: each arrives once.

#include "support/host_process.hpp"
#include "support/journal_file.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>

namespace {

using gateway::test::host_process;
using gateway::test::journal_file;

std::int64_t number(const host_process& host, std::string_view group, std::string_view name) {
    return host.get("/v1/counters").body.at(group).at(name).to_number<std::int64_t>();
}

void talk_and_echo(host_process& host, int count, std::string_view more_echo = {}) {
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.talker]\nplugin = \"stub\"\n"
        "say = { chat = \"lobby\", text = \"hello\", every = \"12ms\", count = " +
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

TEST_CASE(
    "flow: killed with SIGKILL again and again, the host says, answers and delivers each message, and none twice") {
    constexpr int count = 200;
    constexpr auto of_talker = " (SELECT id FROM instances WHERE name = 'talker')";
    constexpr auto of_echo = " (SELECT id FROM instances WHERE name = 'echo')";
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    host_process host;
    talk_and_echo(host, count);
    host.add_argument("--log-level");
    host.add_argument("debug");
    const auto database = host.state_dir() / "gateway.db";
    for (int kill = 0; kill < 6; ++kill) {
        host.start();
        for (auto lines = 1 + random() % 20; lines > 0; --lines) {
            host.wait_for_line({"lobby <- hello", "instance=talker"});
        }
        host.kill();
    }
    const auto delivered = journal_file(database).number(
        (std::string("SELECT count(*) FROM finished WHERE outcome = 1 AND instance =") + of_talker).c_str());
    REQUIRE(delivered < count);
    host.start();
    for (auto lines = count - delivered; lines > 0; --lines) {
        host.wait_for_line({"lobby <- hello", "instance=talker"});
    }
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
    const journal_file journal(database);
    const auto rows = [&](const char* what, const char* of) {
        return journal.number((std::string(what) + of).c_str());
    };
    CHECK(rows("SELECT count(*) FROM journal WHERE kind = 1 AND instance =", of_talker) == count);
    CHECK(rows("SELECT count(DISTINCT dedupe) FROM journal WHERE kind = 1 AND instance =", of_talker) == count);
    CHECK(rows("SELECT count(*) FROM journal WHERE kind = 1 AND instance =", of_echo) == count);
    CHECK(rows("SELECT count(*) FROM finished WHERE outcome = 1 AND instance =", of_echo) == count);
    CHECK(rows("SELECT count(*) FROM finished WHERE outcome = 1 AND instance =", of_talker) == count);
    CHECK(journal.number("SELECT count(*) FROM outbox") == 0);
}

TEST_CASE("flow: stopped in the middle of a backlog the host repeats nothing, killed there a run of the chat at most") {
    constexpr int count = 2000;
    constexpr int longest_run = 32;
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    // While the echo is away there comes to be a backlog.
    host.configure(
        "[adapters.talker]\nplugin = \"stub\"\n"
        "say = { chat = \"lobby\", text = \"hello\", every = \"1ms\", count = " +
        std::to_string(count) +
        " }\n[adapters.echo]\nplugin = \"stub\"\necho = true\n"
        "connect = [\"fail:transient:dns\", \"ok\"]\n"
        "[[routes]]\nfrom = \"talker:*\"\nto = \"echo\"\n[reconnect]\ninitial = \"1s\"\n");
    host.add_argument("--log-level");
    host.add_argument("debug");
    const auto database = host.state_dir() / "gateway.db";
    const auto marked = [&](const char* of) {
        return journal_file(database).number((std::string("SELECT count(*) FROM outbox WHERE handed = 1 AND instance = "
                                                          "(SELECT id FROM instances WHERE name = '") +
                                              of + "')")
                                                 .c_str());
    };
    host.start();
    host.wait_for_line({"lobby <- hello", "instance=talker"});
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
    CHECK(marked("echo") + marked("talker") == 0);
    CHECK(journal_file(database).number("SELECT count(*) FROM outbox") > 100);
    CHECK(journal_file(database).number("SELECT count(*) FROM outbox WHERE repeated = 1") == 0);

    host.start();
    host.wait_for_line({"lobby <- hello", "instance=talker"});
    CHECK(number(host, "deliveries", "repeated") == 0);
    host.kill();
    const auto perhaps_sent = marked("echo") + marked("talker");
    CHECK(marked("echo") <= longest_run);
    CHECK(marked("talker") <= longest_run);

    host.start();
    host.wait_for_line({"lobby <- hello", "instance=talker"});
    CHECK(number(host, "deliveries", "repeated") <= perhaps_sent);
    CHECK(number(host, "deliveries", "failed") == 0);
    CHECK(number(host, "deliveries", "unknown") == 0);
}
