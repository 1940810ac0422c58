#include "unit/config_support.hpp"

#include <boost/json.hpp>

using namespace config_test;
using namespace gateway::config;
using std::chrono::seconds;

namespace {

const std::string stub = "[adapters.a]\nplugin = \"stub\"\n";

adapter_config only(const configuration& config) {
    REQUIRE(config.adapters.size() == 1);
    return config.adapters[0];
}

}  // namespace

TEST_CASE("adapters: the host's keys are read and the others become the adapter's JSON") {
    const auto adapter = only(load_good(R"(
[adapters.echo-1]
plugin = "stub"
enabled = false
echo = true
connect = ["fail:transient:dns", "ok"]
say = { chat = "lobby", every = "1s", count = 10, share = 0.5 }
when = 1979-05-27T07:32:00Z
)"));
    CHECK(adapter.name == "echo-1");
    CHECK(adapter.plugin == "stub");
    CHECK_FALSE(adapter.enabled);
    CHECK(boost::json::parse(adapter.json) == boost::json::parse(R"({"echo":true,
        "connect":["fail:transient:dns","ok"], "say":{"chat":"lobby","every":"1s","count":10,"share":0.5},
        "when":"1979-05-27T07:32:00Z"})"));
}

TEST_CASE("adapters: the plugin is required and must be a module's name") {
    CHECK(complaints_about("[adapters.tg]\ntoken = \"x\"\n") ==
          "gateway.toml:1:1: adapters.tg.plugin: is missing; write plugin = \"NAME\" of the module, such as "
          "\"telegram\"\n");
    CHECK(complaints_about("[adapters.tg]\nplugin = \"../x\"\n")
              .find("gateway.toml:2:10: adapters.tg.plugin: is no "
                    "module's name") == 0);
    CHECK(complaints_about("[adapters.tg]\nplugin = 3\n") ==
          "gateway.toml:2:10: adapters.tg.plugin: is a whole number, but must be a text in quotes\n");
}

TEST_CASE("adapters: a name that could not be told from an address is refused") {
    const auto complaint = [](std::string_view name) {
        return complaints_about("[adapters.\"" + std::string{name} + "\"]\nplugin = \"stub\"\n");
    };
    CHECK(complaint("a:b") ==
          "gateway.toml:1:11: adapters.\"a:b\": the name has a character other than a-z, 0-9, '_' and '-'\n");
    CHECK(complaint("a#b").find("has a character other than") != std::string::npos);
    CHECK(complaint("a*").find("has a character other than") != std::string::npos);
    CHECK(complaint("Tg").find("does not start with one of a-z or 0-9") != std::string::npos);
    CHECK(complaint("-x").find("does not start with one of a-z or 0-9") != std::string::npos);
    CHECK(complaint("").find("is empty") != std::string::npos);
    CHECK(complaint(std::string(65, 'a')).find("is longer than 64 characters") != std::string::npos);
    CHECK(complaint(std::string(64, 'a')).empty());
    CHECK(complaint("9-a_b").empty());
}

TEST_CASE("adapters: an instance that is no table is refused") {
    CHECK(complaints_about("[adapters]\ntg = \"telegram\"\n") ==
          "gateway.toml:2:6: adapters.tg: is a text, but must be a table, written as [adapters.tg]\n");
    CHECK(complaints_about("[[adapters.tg]]\nplugin = \"telegram\"\n")
              .find("adapters.tg: is a list, but must be a "
                    "table") != std::string::npos);
}

TEST_CASE("adapters: reconnect keys of an instance overlay the global ones") {
    const auto config = load_good(R"(
[reconnect]
initial = "2s"
max_attempts = 5
[adapters.a]
plugin = "stub"
reconnect.max_attempts = 7
reconnect.quick = []
[adapters.b]
plugin = "stub"
)");
    CHECK(config.adapters[0].reconnect.initial == seconds{2});
    CHECK(config.adapters[0].reconnect.max_attempts == 7);
    CHECK(config.adapters[0].reconnect.quick.empty());
    CHECK(config.adapters[1].reconnect == config.reconnect);
    CHECK(config.reconnect.max_attempts == 5);
}

TEST_CASE("adapters: mistakes in an instance's reconnect keys name them in full") {
    CHECK(complaints_about(stub + "reconnect.jiter = 0.5\nreconnect.max = \"1\"\n") ==
          "gateway.toml:3:11: adapters.a.reconnect.jiter: unknown key; did you mean 'jitter'?\n"
          "gateway.toml:4:17: adapters.a.reconnect.max: is a number without a unit; write a whole number and a unit "
          "(ms, s, m, h or d), such as \"30s\"\n");
    CHECK(complaints_about("[reconnect]\ninitial = \"60s\"\n" + stub + "reconnect.max = \"30s\"\n") ==
          "gateway.toml:5:17: adapters.a.reconnect.max: makes the longest delay (max) shorter than the first one "
          "(initial); max must be at least initial\n");
}

TEST_CASE("adapters: the proxy is the instance's own, or the global one, or none") {
    const auto config = load_good(R"(
[net]
proxy = "http://proxy:8080"
[adapters.a]
plugin = "stub"
[adapters.b]
plugin = "stub"
proxy = "socks5://other:1080"
[adapters.c]
plugin = "stub"
proxy = "direct"
)");
    CHECK(config.adapters[0].proxy == "http://proxy:8080");
    CHECK(config.adapters[1].proxy == "socks5://other:1080");
    CHECK(config.adapters[2].proxy.empty());
}

TEST_CASE("adapters: per-chat settings are kept apart, as JSON") {
    const auto adapter = only(load_good(R"(
[adapters.a]
plugin = "stub"
[adapters.a.chats."-1001234/7"]
silent = true
[adapters.a.chats.lobby]
prefix = "> "
)"));
    CHECK(adapter.json == "{}");
    CHECK(adapter.chats ==
          std::vector<chat_settings>{{"-1001234/7", R"({"silent":true})"}, {"lobby", R"({"prefix":"> "})"}});
}

TEST_CASE("adapters: per-chat settings must be tables with a chat's id") {
    CHECK(complaints_about(stub + "chats.lobby = 3\n") ==
          "gateway.toml:3:15: adapters.a.chats.lobby: is a whole number, but must be a table with the chat's settings, "
          "written as [adapters.a.chats.lobby]\n");
    CHECK(complaints_about(stub + "[adapters.a.chats.\"\"]\n") ==
          "gateway.toml:3:19: adapters.a.chats.\"\": a chat's id has 1 to 255 bytes\n");
    CHECK(complaints_about(stub + "chats = []\n").find("adapters.a.chats: is a list, but must be a table") !=
          std::string::npos);
}

TEST_CASE("adapters: numbers that JSON cannot hold are refused") {
    CHECK(complaints_about(stub + "rate = inf\n") ==
          "gateway.toml:3:8: adapters.a.rate: is no finite number; adapters take JSON, which has no inf or nan\n");
}

TEST_CASE("adapters: an overlong key is refused") {
    CHECK(complaints_about(stub + std::string(256, 'k') + " = 1\n") ==
          "gateway.toml:3:1: adapters.a: has a key of more than 255 bytes\n");
}

TEST_CASE("adapters: too many instances are refused") {
    std::string text;
    for (std::size_t i = 0; i <= max_instances; ++i) {
        text += "[adapters.a" + std::to_string(i) + "]\nplugin=\"s\"\n";
    }
    CHECK(complaints_about(text).find("adapters: has 65537 instances, but at most 65536 are allowed") !=
          std::string::npos);
}

TEST_CASE("adapters: two configurations are equal when only order, comments and spelling differ") {
    const auto one = only(load_good("[adapters.a]\nplugin = \"stub\"\nx = 1\ny = { b = 1, a = \"t\" }\n"));
    const auto two =
        only(load_good("# hello\n\n[adapters.a]\ny.a = 't'\ny.b = 0x1\nx = 1\nplugin = \"stub\"\nenabled=true\n"));
    CHECK(one == two);
}

TEST_CASE("adapters: each thing that a running instance would notice makes them differ") {
    const auto base = only(load_good(stub));
    for (const char* line : {"x = 1\n", "reconnect.jitter = 0.2\n", "proxy = \"http://h:1\"\n", "enabled = false\n",
                             "[adapters.a.chats.c]\n"}) {
        INFO(line);
        CHECK_FALSE(base == only(load_good(stub + line)));
    }
    CHECK_FALSE(base == only(load_good("[reconnect]\njitter = 0.2\n" + stub)));
    CHECK_FALSE(base == only(load_good("[net]\nproxy = \"http://h:1\"\n" + stub)));
}

TEST_CASE("reload: only instances whose table changed are touched") {
    surroundings around;
    around.variables["T"] = "secret-one";
    const std::string same = "[adapters.same]\nplugin = \"s\"\n";
    const auto before = load_good(same + R"(
[adapters.chat]
plugin = "s"
[adapters.gone]
plugin = "s"
[adapters.off]
plugin = "s"
[adapters.token]
plugin = "s"
token = { env = "T" }
)",
                                  around);
    around.variables["T"] = "secret-two";
    const auto after = load_good(R"(
[adapters.token]
plugin = "s"
token = { env = "T" }
[adapters.off]
plugin = "s"
enabled = false
[adapters.new]
plugin = "s"
[adapters.chat]
plugin = "s"
[adapters.chat.chats.lobby]
a = 1
)" + same,
                                 around);
    CHECK(compare(before, after) == changes{{"new"}, {"gone", "off"}, {"token"}, {"chat"}, {}});
    CHECK(compare(after, after) == changes{});
}

TEST_CASE("reload: an instance whose mistake came or went is touched; one whose mistake moved is not") {
    surroundings around;
    const auto with_token = [&](std::string_view token) {
        return load("# moved\n" + stub + "token = " + std::string{token} + "\n", around).values;
    };
    const auto wrong = load(stub + "token = { env = \"NONE\" }\n", around).values;
    CHECK(compare(wrong, with_token("{ env = \"NONE\" }")) == changes{});
    CHECK(compare(wrong, with_token("{ env = \"OTHER\" }")).changed == std::vector<std::string>{"a"});
    CHECK(compare(wrong, with_token("\"\"")).changed == std::vector<std::string>{"a"});
}

TEST_CASE("config: other reconnect rules alone leave the connection, and only their instances are named") {
    const auto before =
        load_good("[adapters.a]\nplugin = \"s\"\n[adapters.b]\nplugin = \"s\"\nreconnect.max = \"60s\"\n");
    const auto after = load_good(
        "[reconnect]\nmax = \"60s\"\n[adapters.a]\nplugin = \"s\"\n[adapters.b]\nplugin = \"s\"\nreconnect.max = "
        "\"60s\"\n");
    CHECK(compare(before, after) == changes{{}, {}, {}, {}, {"a"}});
}
