// The control socket and gatewayctl, against the real host.

#include "support/command.hpp"
#include "support/host_process.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <sys/resource.h>

namespace {

using gateway::test::host_process;
using gateway::test::run_command;

void start_two(host_process& host) {
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.a]\nplugin = \"stub\"\n"
        "[adapters.b]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.wait_for_line({"waiting", "instance=b"});
}

// As with a full disk or a quota: from now on the host may not write any file beyond so many bytes.
void limit_files(const host_process& host, rlim_t bytes) {
    rlimit limit{};
    REQUIRE(::prlimit(host.pid(), RLIMIT_FSIZE, nullptr, &limit) == 0);
    limit.rlim_cur = bytes;
    REQUIRE(::prlimit(host.pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
}

}  // namespace

TEST_CASE("control: health is degraded, and says why, while the journal cannot be written") {
    auto* const before = std::signal(SIGXFSZ, SIG_IGN);  // the host inherits it: a write beyond the limit is an error
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\nsay = { chat = \"lobby\", text = \"hello\", every = \"5ms\" }\n");
    host.start();
    std::signal(SIGXFSZ, before);
    host.wait_for_line({"online", "instance=a"});
    CHECK(host.get("/v1/health").body.at("journal").is_null());
    limit_files(host, 0);
    host.wait_for_line({"the journal cannot be written", "gateway.db"});
    const auto ill = host.get("/v1/health").body;
    CHECK(ill.at("health").as_string() == "degraded");
    CHECK(ill.at("summary").as_string().find("the journal cannot be written: cannot use ") != std::string::npos);
    CHECK(ill.at("journal").as_string().find("gateway.db") != std::string::npos);
    limit_files(host, RLIM_INFINITY);
    host.wait_for_line({"the journal can be written again"});
    CHECK(host.get("/v1/health").body.at("journal").is_null());
}

TEST_CASE("control: every instance is shown with all its fields") {
    host_process host;
    start_two(host);
    const auto all = host.get("/v1/adapters").body.as_array();
    REQUIRE(all.size() == 2);
    for (const auto* field : {"name", "plugin", "version", "generation", "state", "since", "attempts", "next_retry_ms",
                              "failure", "incarnation"}) {
        INFO(field);
        CHECK(all[0].as_object().contains(field));
    }
    CHECK(all[0].at("next_retry_ms").is_null());
    CHECK(all[0].at("failure").is_null());
    CHECK(all[0].at("generation").to_number<int>() == 1);
    const std::string since(all[0].at("since").as_string().c_str());
    CHECK(since.size() == std::string("2026-01-31T09:15:02.417Z").size());
    CHECK(since.ends_with("Z"));
}

TEST_CASE("control: pause closes an instance and keeps it away, resume lets it back") {
    host_process host;
    start_two(host);
    CHECK(host.post("/v1/adapters/a/pause").status == 200);
    CHECK(host.post("/v1/adapters/b/pause").status == 200);
    CHECK(host.post("/v1/adapters/b/pause").status == 200);
    CHECK(host.post("/v1/adapters/b/resume").status == 200);
    CHECK(host.post("/v1/adapters/a/resume").status == 200);
    host.wait_for_line({"online", "instance=a"});
}

TEST_CASE("control: what it cannot serve is answered with a status and a sentence") {
    host_process host;
    start_two(host);
    CHECK(host.get("/v1/nothing").status == 404);
    CHECK(host.get("/v1/adapters/nobody").status == 404);
    CHECK(host.post("/v1/adapters/nobody/pause").status == 404);
    CHECK(host.post("/v1/adapters/a/explode").status == 404);
    CHECK(host.post("/v1/adapters").status == 405);
    CHECK(host.get("/v1/adapters/a/pause").status == 405);
    const auto unfit = host.post("/v1/adapters/a/resume");
    CHECK(unfit.status == 409);
    CHECK(unfit.body.at("error").as_string() == "instance 'a' is online, which is no state for resume");
    CHECK(host.get("/v1/adapters/%61").status == 200);
    CHECK(host.post("/v1/adapters/%61/explode").status == 404);
    CHECK(host.get("/v1/adapters/%2F%zz").status == 400);
    CHECK(host.get("/v1/adapters/a%2").status == 400);
    CHECK(host.get("/v1/adapters/a%2Fb").body.at("error").as_string().find("'a/b'") != std::string::npos);
    CHECK(host.get("/v1/adapters?all=1").status == 200);
    CHECK(host.post("/v1/health").status == 405);
    CHECK(host.get("/v1/adapters/nobody").body.at("error").as_string().find("nobody") != std::string::npos);
}

TEST_CASE("gatewayctl: status is a table for people, and JSON for programs") {
    host_process host;
    start_two(host);
    const auto socket = (host.state_dir() / "control.sock").string();
    const auto table = run_command({GATEWAYCTL_BINARY, "--socket", socket, "status"});
    CHECK(table.exit_code == 0);
    CHECK(table.out.find("NAME") == 0);
    CHECK(table.out.find("transient:dns") != std::string::npos);
    CHECK(table.out.find("in ") != std::string::npos);
    CHECK(table.out.ends_with("\n\ndegraded: 1 of 2 online, 1 waiting\n"));
    const auto json = run_command({GATEWAYCTL_BINARY, "--socket", socket, "status", "--json"});
    CHECK(json.exit_code == 0);
    CHECK(boost::json::parse(json.out).as_array().size() == 2);
}

TEST_CASE("gatewayctl: its verbs act, and an unknown instance is an error with a sentence") {
    host_process host;
    start_two(host);
    const auto socket = (host.state_dir() / "control.sock").string();
    CHECK(run_command({GATEWAYCTL_BINARY, "--socket", socket, "pause", "b"}).exit_code == 0);
    CHECK(std::string(host.adapter("b").at("state").as_string().c_str()) == "paused");
    CHECK(run_command({GATEWAYCTL_BINARY, "--socket", socket, "resume", "b"}).exit_code == 0);
    CHECK(run_command({GATEWAYCTL_BINARY, "--socket", socket, "reconnect", "a"}).exit_code == 0);
    host.wait_for_line({"online", "instance=a"});
    const auto unknown = run_command({GATEWAYCTL_BINARY, "--socket", socket, "pause", "nobody"});
    CHECK(unknown.exit_code == 1);
    CHECK(unknown.err.find("nobody") != std::string::npos);
    const auto odd = run_command({GATEWAYCTL_BINARY, "--socket", socket, "pause", "b/pause?x #%"});
    CHECK(odd.exit_code == 1);
    CHECK(odd.err.find("no instance is called 'b/pause?x #%'") != std::string::npos);
}

TEST_CASE("log: with --log-format json every line is one JSON object with instance and message") {
    host_process host;
    host.add_argument("--log-format");
    host.add_argument("json");
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    const auto line = boost::json::parse(host.wait_for_line({"\"online\"", "\"instance\":\"a\""})).as_object();
    CHECK(line.contains("time"));
    CHECK(line.at("level").as_string() == "info");
    CHECK(line.at("msg").as_string() == "online");
}
