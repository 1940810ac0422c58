#include "unit/config_support.hpp"

using namespace config_test;
using namespace gateway::config;

TEST_CASE("example: etc/gateway.toml loads without a complaint or a warning, and changes no default") {
    surroundings around;
    around.variables["TELEGRAM_TOKEN"] = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    const auto result = load_file(std::filesystem::path{GATEWAY_SOURCE_DIR} / "etc/gateway.toml", absence::is_an_error,
                                  around.environment());
    INFO((result.has_error() ? all_of(result.error()) : std::string{}));
    REQUIRE(result.has_value());
    CHECK(result->warnings.empty());
    CHECK(result->gateway == gateway_config{});
    CHECK(result->reconnect == gateway::reconnect::policy{});
    CHECK(result->net == net_config{});
    CHECK(result->store == store_config{});
    CHECK(result->adapters.size() == 2);
    CHECK(result->routes.size() == 1);
}
