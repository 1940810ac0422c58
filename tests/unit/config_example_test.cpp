#include "unit/config_support.hpp"

using namespace config_test;
using namespace gateway::config;

namespace {

// The whole seconds, or the words, that the unit gives a setting.
std::string unit_setting(const std::string& name) {
    std::ifstream file(std::filesystem::path{GATEWAY_SOURCE_DIR} / "etc/gateway-host.service");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + "=")) {
            return line.substr(name.size() + 1);
        }
    }
    return "";
}

}  // namespace

TEST_CASE("example: the unit is more patient than the host, and does not restart what cannot work") {
    using std::chrono::seconds;
    CHECK(seconds{std::stoi(unit_setting("TimeoutStopSec"))} > gateway_config{}.stop_timeout);
    // A call into a module may hold the loop that long before it is taken away.
    CHECK(seconds{std::stoi(unit_setting("WatchdogSec"))} >= 2 * gateway_config{}.call_timeout);
    CHECK(unit_setting("RestartPreventExitStatus") == "2 78");
    CHECK(unit_setting("StateDirectory") == "gateway");
    CHECK(unit_setting("StateDirectoryMode") == "0700");
    CHECK(unit_setting("RestrictAddressFamilies") == "AF_UNIX AF_INET AF_INET6 AF_NETLINK");
}

TEST_CASE("example: etc/gateway.toml loads without a complaint or a warning, and changes no default") {
    surroundings around;
    around.variables["TELEGRAM_TOKEN"] = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    const auto result = load_file(std::filesystem::path{GATEWAY_SOURCE_DIR} / "etc/gateway.toml", absence::is_an_error,
                                  around.environment());
    REQUIRE(all_of(mistakes_in(result)) == "");
    CHECK(result.values.warnings.empty());
    CHECK(result.values.gateway == gateway_config{});
    CHECK(result.values.reconnect == gateway::reconnect::policy{});
    CHECK(result.values.net == net_config{});
    CHECK(result.values.http == http_config{});
    CHECK(result.values.store == store_config{});
    CHECK(result.values.adapters.size() == 2);
    CHECK(result.values.routes.size() == 1);
}
