// The rig the other cases stand on.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("rig: a line that an earlier run of the host wrote does not count for the next one") {
    gateway::test::host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\nconnect = \"fail:auth:token\"\n");
    host.start();
    CHECK(host.wait_for_exit() == 78);
    host.configure("[adapters.a]\nplugin = \"stub\"\n[adapters.b]\nplugin = \"stub\"\n");
    host.start();
    const auto ready = host.wait_for_line({" ready "});
    CHECK(ready.find("instances=2") != std::string::npos);
    CHECK(host.get("/v1/health").status == 200);
}
