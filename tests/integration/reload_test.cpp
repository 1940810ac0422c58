// SIGHUP: the configuration is read again, and only instances whose table changed are touched.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>

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
    host.configure("[adapters.a]\nplugin = 3\n");
    host.signal(SIGHUP);
    host.wait_for_line({"gateway.toml:2:", "adapters.a.plugin"});
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
