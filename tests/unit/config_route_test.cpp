#include "unit/config_support.hpp"

using namespace config_test;
using namespace gateway::config;

namespace {

const std::string instances =
    "[adapters.tg]\nplugin = \"s\"\n[adapters.dc]\nplugin = \"s\"\n[adapters.echo]\nplugin = \"s\"\n";

// The complaints about one route, whose first key stands on line 8.
std::string about(const std::string& route) {
    return complaints_about(instances + "[[routes]]\n" + route);
}

}  // namespace

TEST_CASE("routes: patterns to an instance, and bridges, are read in their order") {
    const auto config = load_good(instances + R"(
[[routes]]
from = ["tg:*", "dc:42/7", "tg:-100*", "tg:1/*", "*"]
to = "echo"
[[routes]]
from = "dc:!room:server"
to = "tg"
[[routes]]
bridge = ["tg:-1001234", "dc:9876", "dc:1/2"]
)");
    REQUIRE(config.routes.size() == 3);
    CHECK(config.routes[0].from == std::vector<std::string>{"tg:*", "dc:42/7", "tg:-100*", "tg:1/*", "*"});
    CHECK(config.routes[0].to == "echo");
    CHECK(config.routes[1].from == std::vector<std::string>{"dc:!room:server"});
    CHECK(config.routes[2].bridge == std::vector<std::string>{"tg:-1001234", "dc:9876", "dc:1/2"});
    CHECK(config.routes[2].from.empty());
}

TEST_CASE("routes: an address that names no instance says which one was meant") {
    CHECK(about("from = \"tgg:*\"\nto = \"echo\"\n") ==
          "gateway.toml:8:8: routes[0].from: names the instance 'tgg', which is not configured; did you mean 'tg'?\n");
    CHECK(about("from = [\"tg:*\", \"zulip:1\"]\nto = \"ecco\"\n") ==
          "gateway.toml:8:17: routes[0].from[1]: names the instance 'zulip', which is not configured; known here are "
          "'dc', 'echo' and 'tg'\n"
          "gateway.toml:9:6: routes[0].to: names the instance 'ecco', which is not configured; did you mean 'echo'?\n");
    CHECK(about("bridge = [\"tg:1\", \"dx:2\"]\n") ==
          "gateway.toml:8:19: routes[0].bridge[1]: names the instance 'dx', which is not configured; did you mean "
          "'dc'?\n");
    CHECK(complaints_about("[[routes]]\nfrom = \"tg:*\"\nto = \"x\"\n").find("no adapter is configured") !=
          std::string::npos);
}

TEST_CASE("routes: an instance that is disabled or has mistakes of its own still counts as configured") {
    const std::string others = "[adapters.b]\nplugin = \"s\"\n[[routes]]\nfrom = \"a:*\"\nto = \"b\"\n";
    CHECK(complaints_about("[adapters.a]\nplugin = \"s\"\nenabled = false\n" + others).empty());
    CHECK(complaints_about("[adapters.a]\nplugin = 3\n" + others) ==
          "gateway.toml:2:10: adapters.a.plugin: is a whole number, but must be a text in quotes\n");
}

TEST_CASE("routes: the syntax of patterns is checked") {
    const auto problem = [](const std::string& pattern) {
        const auto all = about("from = \"" + pattern + "\"\nto = \"echo\"\n");
        CHECK(all.find("gateway.toml:8:8: routes[0].from: ") == 0);
        return all;
    };
    CHECK(problem("tg").find("\"tg\" has no instance before a ':'; an address is") != std::string::npos);
    CHECK(problem("tg:").find("has no chat after the ':'") != std::string::npos);
    CHECK(problem("tg:1/").find("has no thread after the '/'") != std::string::npos);
    CHECK(problem("tg:*1").find("has a '*' that is not its last character") != std::string::npos);
    CHECK(problem("t*:1").find("has a '%', '/' or '*' in the instance's name") != std::string::npos);
}

TEST_CASE("routes: a pattern may leave the instance's name open when one is configured that fits") {
    CHECK(about("from = [\"*\", \"t*\", \"echo*\"]\nto = \"echo\"\n").empty());
    CHECK(about("from = \"z*\"\nto = \"echo\"\n") ==
          "gateway.toml:8:8: routes[0].from: names every instance that starts with 'z', but none is configured\n");
    CHECK(about("from = \"z:*\"\nto = \"echo\"\n").find("names the instance 'z'") != std::string::npos);
}

TEST_CASE("routes: a bridge takes exact addresses, each once, and two at least") {
    CHECK(about("bridge = [\"tg:1\", \"dc:*\"]\n") ==
          "gateway.toml:8:19: routes[0].bridge[1]: 'dc:*' names many chats, but a bridge joins exact ones\n");
    CHECK(about("bridge = [\"tg:1\", \"dc\"]\n").find("routes[0].bridge[1]: \"dc\" has no instance before a ':'") !=
          std::string::npos);
    CHECK(about("bridge = [\"tg:1\"]\n") ==
          "gateway.toml:8:10: routes[0].bridge: joins fewer than two chats; name two or more addresses\n");
    CHECK(about("bridge = [\"tg:1\", \"tg:1\"]\n") ==
          "gateway.toml:8:19: routes[0].bridge[1]: 'tg:1' stands in this bridge twice; keep one\n");
    CHECK(about("bridge = \"tg:1\"\n").find("is a text, but must be a list of addresses") != std::string::npos);
    CHECK(about("bridge = [\"tg:1\", 5]\n").find("routes[0].bridge[1]: is a whole number, but must be an address") !=
          std::string::npos);
}

TEST_CASE("routes: a route is either from and to, or a bridge") {
    CHECK(about("to = \"echo\"\n").find("gateway.toml:7:1: routes[0]: has no key 'from'") == 0);
    CHECK(about("from = \"tg:*\"\n").find("gateway.toml:7:1: routes[0]: has no key 'to'") == 0);
    CHECK(about("").find("routes[0]: has neither 'from' and 'to' nor 'bridge'") != std::string::npos);
    CHECK(about("to = \"echo\"\nbridge = [\"tg:1\", \"dc:1\"]\n") ==
          "gateway.toml:9:10: routes[0].bridge: stands beside 'from' or 'to'; a route has either 'from' and 'to', or "
          "'bridge'\n");
    CHECK(about("form = \"tg:*\"\nto = \"echo\"\n").find("routes[0].form: unknown key; did you mean 'from'?") !=
          std::string::npos);
}

TEST_CASE("routes: the target is an instance's name") {
    CHECK(
        about("from = \"tg:*\"\nto = \"dc:12\"\n") ==
        "gateway.toml:9:6: routes[0].to: 'dc:12' is an address, but must be an instance's name; chats are joined with "
        "'bridge'\n");
    CHECK(about("from = \"tg:*\"\nto = [\"dc\"]\n") ==
          "gateway.toml:9:6: routes[0].to: is a list, but must be a text in quotes\n");
}

TEST_CASE("routes: one that hands an instance its own messages alone can never fire") {
    const std::string text =
        "'tg' is also the only instance in 'from', and none is handed its own messages; name another one here or "
        "there\n";
    for (const auto* from : {"\"tg:*\"", "\"tg:1\"", "[\"tg:1/2\", \"tg*\"]"}) {
        CHECK(about("from = " + std::string{from} + "\nto = \"tg\"\n") == "gateway.toml:9:6: routes[0].to: " + text);
    }
    for (const auto* from : {"\"*\"", "[\"tg:*\", \"dc:*\"]", "\"d*\""}) {
        CHECK(about("from = " + std::string{from} + "\nto = \"tg\"\n").empty());
    }
    CHECK(complaints_about("[adapters.tg]\nplugin = \"s\"\n[[routes]]\nfrom = \"*\"\nto = \"tg\"\n") ==
          "gateway.toml:5:6: routes[0].to: " + text);
}

TEST_CASE("routes: wrong types and empty lists are explained") {
    CHECK(about("from = []\nto = \"echo\"\n").find("routes[0].from: is an empty list") != std::string::npos);
    CHECK(about("from = 3\nto = \"echo\"\n").find("routes[0].from: is a whole number, but must be a pattern") !=
          std::string::npos);
    CHECK(complaints_about("[routes]\nfrom = \"a:*\"\n")
              .find("routes: is a table, but must be a list of tables, each "
                    "written as [[routes]]") != std::string::npos);
    CHECK(complaints_about("routes = [3]\n")
              .find("gateway.toml:1:11: routes[0]: is a whole number, but must be a table") == 0);
}

TEST_CASE("routes: too many patterns in one route are refused") {
    std::string from = "from = [";
    for (std::size_t i = 0; i <= max_route_addresses; ++i) {
        from += "\"tg:" + std::to_string(i) + "\",";
    }
    CHECK(about(from + "]\nto = \"echo\"\n") ==
          "gateway.toml:8:8: routes[0].from: has 1025 entries, but at most 1024 are allowed\n");
}
