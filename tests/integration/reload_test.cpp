// SIGHUP: the configuration is read again, and only instances whose table changed are touched.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace {

using gateway::test::host_process;

int incarnation(const host_process& host, std::string_view name) {
    return host.adapter(name).at("incarnation").to_number<int>();
}

}  // namespace

TEST_CASE("reload: added, changed and removed instances are touched, the others are not") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.same]\nplugin = \"stub\"\n[adapters.changed]\nplugin = \"stub\"\n[adapters.gone]\nplugin = "
        "\"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=changed"});
    host.wait_for_line({"online", "instance=gone"});
    host.wait_for_line({"online", "instance=same"});
    host.configure(
        "[adapters.same]\nplugin = \"stub\"\n[adapters.changed]\nplugin = \"stub\"\necho = "
        "true\n[adapters.new]\nplugin = "
        "\"stub\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"online", "instance=new"});
    const auto all = host.get("/v1/adapters").body.as_array();
    CHECK(all.size() == 3);
    CHECK(incarnation(host, "same") == 1);
    CHECK(incarnation(host, "changed") == 2);
    CHECK(host.get("/v1/adapters/gone").status == 404);
}

TEST_CASE("reload: a broken file changes nothing, and says where it is broken") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.configure("[adapters.a]\nplugin = \"stub\"\necho = true\n[[routes]]\nfrom = \"b:*\"\nto = \"a\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"gateway.toml:5:", "routes[0].from", "'b'"});
    host.wait_for_line({"not applied"});
    CHECK(incarnation(host, "a") == 1);
    CHECK(std::string(host.adapter("a").at("state").as_string().c_str()) == "online");
}

TEST_CASE("reload: an instance that failed for its configuration is revived by a changed one") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[gateway]\non_all_failed = \"stay\"\n[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:auth:401\"]\n");
    host.start();
    host.wait_for_line({"failed", "instance=a"});
    host.configure("[gateway]\non_all_failed = \"stay\"\n[adapters.a]\nplugin = \"stub\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"online", "instance=a"});
}

TEST_CASE("reload: a mistake in an instance's table fails that instance, and mending it brings it back") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    const std::string well = "[adapters.well]\nplugin = \"stub\"\n";
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\nreconnect.initial = \"soon\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"failed", "instance=a", "class=config"});
    CHECK(incarnation(host, "well") == 1);
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"online", "instance=a"});
    CHECK(incarnation(host, "well") == 1);
}

TEST_CASE("reload: what an older incarnation failed of is not logged again when a newer one makes way") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    const std::string well = "[adapters.well]\nplugin = \"stub\"\n";
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:auth:401\"]\n");
    host.start();
    host.wait_for_line({"failed", "instance=a", "code=401"});
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\nconnect = [\"hang\"]\n");
    host.signal(SIGHUP);
    host.wait_for_line({"reading the configuration again"});
    CHECK(std::string(host.adapter("a").at("state").as_string().c_str()) == "connecting");  // answered after the reload
    host.configure(well + "[adapters.a]\nplugin = \"stub\"\necho = 1\n");
    host.signal(SIGHUP);
    host.wait_for_line({"failed", "instance=a", "class=config"});
    const auto all = host.output();
    CHECK(all.find("code=401") == all.rfind("code=401"));
}

TEST_CASE("reload: a renamed instance connects when its old self is gone, and nobody else waits for that") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.install(std::filesystem::path(GATEWAY_RUNTIME_FAULTS_DIR) / "fault_never_closes.so");
    const std::string rest = "plugin = \"fault_never_closes\"\nreconnect.close_timeout = \"2s\"\n";
    host.configure("[adapters.old]\n" + rest);
    host.start();
    host.wait_for_line({"online", "instance=old"});
    host.configure("[adapters.new]\n" + rest + "[adapters.other]\nplugin = \"stub\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"online", "instance=other"});
    CHECK(std::string(host.adapter("old").at("state").as_string().c_str()) == "closing");
    CHECK(std::string(host.adapter("new").at("state").as_string().c_str()) == "connecting");
    host.wait_for_line({"did not close in time", "instance=old"});
    host.wait_for_line({"online", "instance=new"});
    CHECK(host.get("/v1/adapters/old").status == 404);
}

TEST_CASE("reload: an instance that left and came back before it was closed connects when its old self is gone") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.install(std::filesystem::path(GATEWAY_RUNTIME_FAULTS_DIR) / "fault_never_closes.so");
    const std::string well = "[adapters.well]\nplugin = \"stub\"\n";
    const std::string table = "[adapters.a]\nplugin = \"fault_never_closes\"\nreconnect.close_timeout = \"2s\"\n";
    host.configure(well + table);
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.configure(well);
    host.signal(SIGHUP);
    host.wait_for_line({"reading the configuration again"});
    CHECK(std::string(host.adapter("a").at("state").as_string().c_str()) == "closing");  // answered after the reload
    host.configure(well + table);
    host.signal(SIGHUP);
    host.wait_for_line({"did not close in time", "instance=a"});
    host.wait_for_line({"online", "instance=a"});
    const auto all = host.get("/v1/adapters").body.as_array();
    CHECK(all.size() == 2);
    CHECK(std::string(host.adapter("a").at("state").as_string().c_str()) == "online");
}

TEST_CASE("reload: new routes hold at once") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    const std::string adapters =
        "[adapters.echo]\nplugin = \"stub\"\necho = true\n"
        "[adapters.talker]\nplugin = \"stub\"\nsay = { chat = \"lobby\", text = \"hello\", every = \"5ms\" }\n";
    host.configure(adapters);
    host.add_argument("--log-level");
    host.add_argument("debug");
    host.start();
    host.wait_for_line({"online", "instance=talker"});
    CHECK(host.get("/v1/counters").body.at("deliveries").at("out").to_number<int>() == 0);
    host.configure(adapters + "[[routes]]\nfrom = \"talker:*\"\nto = \"echo\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"hello"});
    CHECK(host.get("/v1/counters").body.at("deliveries").at("out").to_number<int>() > 0);
}
