#include "unit/config_support.hpp"

#include <sys/stat.h>

using namespace config_test;
using namespace gateway::config;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("config: an empty text is a configuration without instances and with the documented defaults") {
    const auto config = load_good("");
    CHECK(config.adapters.empty());
    CHECK(config.routes.empty());
    CHECK(config.gateway.on_all_failed == when_all_failed::exit);
    CHECK(config.gateway.max_connecting == 64);
    CHECK(config.gateway.stop_timeout == seconds{20});
    CHECK(config.gateway.call_timeout == seconds{10});
    CHECK(config.reconnect == gateway::reconnect::policy{});
    CHECK(config.net == net_config{});
    CHECK_FALSE(config.http.listen.has_value());
    CHECK(config.log == log_config{});
    CHECK(config.store.sync == sync_mode::full);
    CHECK(config.warnings.empty());
}

TEST_CASE("config: the host's sections are read") {
    surroundings around;
    const temporary_folder folder;
    folder.write("ca.pem", "An authority\n-----BEGIN CERTIFICATE-----\n");
    const auto config = load_good(R"(
[gateway]
on_all_failed = "stay"
max_connecting = 3
stop_timeout = "1500ms"
[net]
ca_file = "ca.pem"
proxy = "socks5h://user:pass-word@127.0.0.1:1080"
[http]
listen = "[::1]:8443"
[log]
level = "debug"
format = "json"
[store]
sync = "normal"
)",
                                  around, folder.path());
    CHECK(config.gateway == gateway_config{when_all_failed::stay, 3, milliseconds{1500}});
    CHECK(config.net.ca_file == (folder.path() / "ca.pem").string());
    CHECK(config.net.proxy == "socks5h://user:pass-word@127.0.0.1:1080");
    CHECK(around.secrets.redact("pass-word") == "[secret]");
    CHECK(config.http.listen == listen_address{"::1", 8443});
    CHECK(config.log.level == gateway::log::level::debug);
    CHECK(config.log.format == gateway::log::line_format::json);
    CHECK(config.store.sync == sync_mode::normal);
}

TEST_CASE("config: [reconnect] is read in full") {
    const auto config = load_good(R"(
[reconnect]
initial = "50ms"
factor = 3
max = "2s"
jitter = 0
max_attempts = 0
probe = "0s"
quick = ["0s", "10ms"]
quick_budget = 4
stable_after = "1s"
connect_timeout = "300ms"
close_timeout = "200ms"
)");
    gateway::reconnect::policy expected;
    expected.initial = milliseconds{50};
    expected.factor = 3.0;
    expected.max = seconds{2};
    expected.jitter = 0.0;
    expected.max_attempts = 0;
    expected.probe = milliseconds{0};
    expected.quick = {milliseconds{0}, milliseconds{10}};
    expected.quick_budget = 4;
    expected.stable_after = seconds{1};
    expected.connect_timeout = milliseconds{300};
    expected.close_timeout = milliseconds{200};
    CHECK(config.reconnect == expected);
}

TEST_CASE("config: an unknown section or key names the nearest known one") {
    CHECK(complaints_about("[adapter.tg]\nplugin = \"x\"\n") ==
          "gateway.toml:1:2: adapter: unknown key; did you mean 'adapters'?\n");
    CHECK(complaints_about("[gateway]\n  on_all_fail = \"exit\"\n") ==
          "gateway.toml:2:3: gateway.on_all_fail: unknown key; did you mean 'on_all_failed'?\n");
    CHECK(complaints_about("[store]\nfsync = \"full\"\n") ==
          "gateway.toml:2:1: store.fsync: unknown key; did you mean 'sync'?\n");
    CHECK(complaints_about("[store]\nqqqqqqqq = 1\n") ==
          "gateway.toml:2:1: store.qqqqqqqq: unknown key; known here is 'sync'\n");
    CHECK(complaints_about("[reconnect]\nmax_atempts = 3\n") ==
          "gateway.toml:2:1: reconnect.max_atempts: unknown key; did you mean 'max_attempts'?\n");
}

TEST_CASE("config: a wrong type says what stands there and what must") {
    CHECK(complaints_about("gateway = 3\n") ==
          "gateway.toml:1:11: gateway: is a whole number, but must be a table, written as [gateway]\n");
    CHECK(complaints_about("[gateway]\nmax_connecting = \"64\"\n") ==
          "gateway.toml:2:18: gateway.max_connecting: is a text, but must be a whole number\n");
    CHECK(complaints_about("[gateway]\nstop_timeout = 20\n") ==
          "gateway.toml:2:16: gateway.stop_timeout: is a whole number, but must be a duration in quotes, such as "
          "\"30s\"\n");
    CHECK(complaints_about("[reconnect]\nfactor = \"2\"\n") ==
          "gateway.toml:2:10: reconnect.factor: is a text, but must be a number\n");
    CHECK(complaints_about("[reconnect]\nquick = \"1s\"\n") ==
          "gateway.toml:2:9: reconnect.quick: is a text, but must be a list of durations, such as [\"0s\", \"1s\"]\n");
    CHECK(complaints_about("[reconnect]\nquick = [\"1s\", 2, \"x\"]\n") ==
          "gateway.toml:2:16: reconnect.quick[1]: is a whole number, but must be a duration in quotes, such as "
          "\"30s\"\n"
          "gateway.toml:2:19: reconnect.quick[2]: is not a duration; write a whole number and a unit (ms, s, m, h or "
          "d), such as \"30s\"\n");
    CHECK(complaints_about("adapters = [1]\n") ==
          "gateway.toml:1:12: adapters: is a list, but must be a table, written as [adapters]\n");
    CHECK(complaints_about("[log]\nlevel = 1979-05-27\n") ==
          "gateway.toml:2:9: log.level: is a date or time, but must be 'debug', 'info', 'warning', 'error' or 'off'\n");
}

TEST_CASE("config: a word that is not one of the allowed ones lists them") {
    CHECK(complaints_about("[gateway]\non_all_failed = \"quit\"\n") ==
          "gateway.toml:2:17: gateway.on_all_failed: is 'quit', but must be 'exit' or 'stay'\n");
}

TEST_CASE("config: numbers out of range say the range") {
    CHECK(complaints_about("[gateway]\nmax_connecting = 0\n") ==
          "gateway.toml:2:18: gateway.max_connecting: must be from 1 to 10000\n");
    CHECK(complaints_about("[gateway]\nmax_connecting = -9223372036854775808\n") ==
          "gateway.toml:2:18: gateway.max_connecting: must be from 1 to 10000\n");
    CHECK(complaints_about("[gateway]\nmax_connecting = 9223372036854775808\n")
              .starts_with("gateway.toml:2:37: is not valid TOML (decimal integer): '…' is not representable in 64 "
                           "bits"));
    CHECK(complaints_about("[gateway]\nstop_timeout = \"1h\"\n") ==
          "gateway.toml:2:16: gateway.stop_timeout: must be from 1ms to 10 minutes, and shorter than the service "
          "manager's own\n");
    CHECK(complaints_about("[reconnect]\ninitial = \"0s\"\n") ==
          "gateway.toml:2:11: reconnect.initial: must be from 1ms to 30 days\n");
    CHECK(complaints_about("[reconnect]\nfactor = 0.5\n") ==
          "gateway.toml:2:10: reconnect.factor: must be from 1.0 to 100.0\n");
    CHECK(complaints_about("[reconnect]\nfactor = nan\n") ==
          "gateway.toml:2:10: reconnect.factor: must be from 1.0 to 100.0\n");
    CHECK(complaints_about("[reconnect]\njitter = 1.5\n") ==
          "gateway.toml:2:10: reconnect.jitter: must be from 0.0 to 0.9\n");
    CHECK(complaints_about("[reconnect]\nmax_attempts = -1\n") ==
          "gateway.toml:2:16: reconnect.max_attempts: must be from 0 to 2147483647\n");
    std::string seventeen = "[reconnect]\nquick = [";
    for (int i = 0; i < 17; ++i) {
        seventeen += "\"0s\",";
    }
    CHECK(complaints_about(seventeen + "]\n") ==
          "gateway.toml:2:9: reconnect.quick: has 17 entries, but at most 16 are allowed\n");
}

TEST_CASE("config: a longest delay below the first one is pointed out where it was written") {
    const std::string text =
        "makes the longest delay (max) shorter than the first one (initial); max must be at least initial\n";
    CHECK(complaints_about("[reconnect]\ninitial = \"10s\"\nmax = \"5s\"\n") ==
          "gateway.toml:3:7: reconnect.max: " + text);
    CHECK(complaints_about("[reconnect]\ninitial = \"10m\"\n") == "gateway.toml:2:11: reconnect.initial: " + text);
}

TEST_CASE("config: bad syntax is one complaint at its place") {
    CHECK(complaints_about("[gateway\n") ==
          "gateway.toml:1:9: is not valid TOML (table header): expected ']', saw "
          "'\\n'\n");
    CHECK(complaints_about("[gateway]\nstop_timeout = 20s\n") ==
          "gateway.toml:2:18: is not valid TOML (decimal integer): expected digit, saw 's'; texts, names and "
          "durations stand in quotes\n");
    CHECK(complaints_about("[log]\nlevel = \"info\nformat = \"text\"\n").find("gateway.toml:2:") == 0);
}

TEST_CASE("config: a table's header without a key is an error, not a broken assumption") {
    for (const char* text : {"[=]\n", "[.a]\n", "[[=]]\n", "[#]\n", "[,", "[[", "[a.]\n", "[a.=]\n", "a.=1\n"}) {
        INFO(text);
        CHECK(complaints_about(text).find("gateway.toml:1:") == 0);
    }
}

TEST_CASE("config: a quoted key may hold any letters") {
    const auto config =
        load_good("[adapters.a]\nplugin = \"s\"\n[adapters.a.chats.\"#caf\xC3\xA9 \xE2\x82\xAC \xE3\x80\x80\"]\n");
    CHECK(config.adapters[0].chats[0].chat == "#caf\xC3\xA9 \xE2\x82\xAC \xE3\x80\x80");
    CHECK(complaints_about("\xC3\xA9 = 1\n").find("gateway.toml:1:1: is not valid TOML") == 0);
}

TEST_CASE("config: a name defined twice is said so, by name") {
    const std::string text = "is defined twice; keep one of them, since a name may stand only once in its table\n";
    CHECK(complaints_about("[adapters.tg]\nplugin = \"a\"\n\n[adapters.tg]\nplugin = \"b\"\n") ==
          "gateway.toml:4:1: adapters.tg: " + text);
    const auto again = complaints_about("[adapters.tg]\nplugin = \"a\"\nplugin = \"b\"\n");
    CHECK(again.find("gateway.toml:3:") == 0);
    CHECK(again.find(": adapters.tg.plugin: " + text) != std::string::npos);
    CHECK(complaints_about("x = 1\nx = 2\n").find(": x: " + text) != std::string::npos);
    CHECK(complaints_about("[a]\nb = { c = 1, c = 2 }\n").find(": c: " + text) != std::string::npos);
}

TEST_CASE("config: what is defined twice hides no other mistake") {
    const std::string text = " is defined twice; keep one of them, since a name may stand only once in its table\n";
    CHECK(complaints_about(
              "[log]\nlevel = \"info\"\nlevel = \"inf\"\n[store]\nsync = \"never\"\n[log]\nformat = [\n 1,\n]\n"
              "  [gateway]\nx = 1") == "gateway.toml:3:9: log.level:" + text +
                                           "gateway.toml:5:8: store.sync: is 'never', but must be 'full' or 'normal'\n"
                                           "gateway.toml:6:1: log:" +
                                           text +
                                           "gateway.toml:11:1: gateway.x: unknown key; known here are "
                                           "'call_timeout', 'max_connecting', 'on_all_failed' and 'stop_timeout'\n");
    std::string many;
    for (int i = 0; i < 30; ++i) {
        many += "[log]\n";
    }
    surroundings around;
    CHECK(load(many, around).refusals.size() == 9);
    CHECK(complaints_about("[log]\n[log]\nlevel = info\n").find("is not valid TOML") == std::string::npos);
}

TEST_CASE("config: syntax errors do not repeat what may be a secret without its quotes") {
    for (const char* line :
         {"token = 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw\n", "token = AAHdqTcvCH1vGWJxfSeof\n",
          "token = \"AAHdqTcvCH1vGWJxfSeof\n", "token = 99999999999999999999999999\n",
          "token = tAHdqTcvCH1vGWJxfSeof\n", "token = 0xAAHdqTcvCH1vGWJxfSeof\n", "AAHdqTcvCH1vGWJxfSeof\n",
          "token = [AAHdqTcvCH1vGWJxfSeof]\n"}) {
        const auto complaints = complaints_about(std::string{"[adapters.tg]\nplugin = \"telegram\"\n"} + line);
        INFO(complaints);
        CHECK(complaints.find("gateway.toml:3:") == 0);
        CHECK(complaints.find("AHdq") == std::string::npos);
        CHECK(complaints.find("99999999") == std::string::npos);
        CHECK(complaints.find("23456789") == std::string::npos);
    }
}

TEST_CASE("config: text that is not UTF-8 is refused with its place") {
    CHECK(complaints_about("[log]\n# \xC3\xA9t\xE9\n") ==
          "gateway.toml:2:5: is not UTF-8 here; save the file as UTF-8\n");
}

TEST_CASE("config: a byte order mark and Windows line ends are fine") {
    CHECK(load_good("\xEF\xBB\xBF[gateway]\r\nmax_connecting = 5\r\n").gateway.max_connecting == 5);
}

TEST_CASE("config: nesting without end is refused before it costs a stack") {
    CHECK(complaints_about("a" + std::string(200'000, '[') + "\n").find("gateway.toml:1:") == 0);
    CHECK(complaints_about("a = " + std::string(200'000, '[') + "\n").find("values are nested more than 32 deep") !=
          std::string::npos);
    std::string dots = "a";
    for (int i = 0; i < 200'000; ++i) {
        dots += ".a";
    }
    const std::string text = "a key has more than 32 parts; a dot in a name needs quotes\n";
    CHECK(complaints_about("\n" + dots + " = 1\n") == "gateway.toml:2:1: " + text);
    CHECK(complaints_about("[" + dots + "]\n") == "gateway.toml:1:2: " + text);
    CHECK(complaints_about("x = 1 # " + dots + "\n") ==
          "gateway.toml:1:1: x: unknown key; known here are 'adapters', 'gateway', 'http', 'log', 'net', 'reconnect', "
          "'routes' "
          "and 'store'\n");
    CHECK(complaints_about("[log]\nlevel = \"" + dots + "\"\n").find("log.level: is 'a.a.a") != std::string::npos);
}

TEST_CASE("config: all mistakes of a file are collected, in its order") {
    const auto complaints = complaints_about(R"([store]
sync = "never"
[gateway]
max_connecting = 0
on_all_failed = true
[adapters.a]
[[routes]]
to = "b"
)");
    CHECK(complaints ==
          "gateway.toml:2:8: store.sync: is 'never', but must be 'full' or 'normal'\n"
          "gateway.toml:4:18: gateway.max_connecting: must be from 1 to 10000\n"
          "gateway.toml:5:17: gateway.on_all_failed: is true or false, but must be 'exit' or 'stay'\n"
          "gateway.toml:6:1: adapters.a.plugin: is missing; write plugin = \"NAME\" of the module, such as "
          "\"telegram\"\n"
          "gateway.toml:7:1: routes[0]: has no key 'from'; write from = \"INSTANCE:*\" or a list of patterns\n"
          "gateway.toml:8:6: routes[0].to: names the instance 'b', which is not configured; known here is 'a'\n");
}

TEST_CASE("config: complaints are bounded and the rest is counted") {
    std::string text = "[log]\n";
    for (int i = 0; i < 150; ++i) {
        text.append("k").append(std::to_string(i)).append(" = 1\n");
    }
    surroundings around;
    const auto result = load(text, around);
    REQUIRE(result.refusals.size() == complaints::max_kept + 1);
    CHECK(to_string(result.refusals.back()) == "gateway.toml:101:1: has 50 more mistakes from here on");
}

TEST_CASE("config: a missing file is an error when it was asked for and empty when it is the default") {
    surroundings around;
    const temporary_folder folder;
    const auto path = folder.path() / "gateway.toml";
    const auto asked = load_file(path, absence::is_an_error, around.environment());
    CHECK(all_of(asked.refusals) == path.string() + ": does not exist\n");
    const auto by_default = load_file(path, absence::is_empty, around.environment());
    REQUIRE(by_default.refusals.empty());
    CHECK(by_default.values.adapters.empty());
    CHECK(by_default.values.file == path.string());
}

TEST_CASE("config: what is no readable file is refused even as the default") {
    surroundings around;
    const temporary_folder folder;
    const auto problem = [&](const std::filesystem::path& path) {
        const auto result = load_file(path, absence::is_empty, around.environment());
        REQUIRE(result.refusals.size() == 1);
        return result.refusals.front().text;
    };
    CHECK(problem(folder.path()) == "is a directory, not a file");
    const auto pipe = folder.path() / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(problem(pipe) == "is not a regular file");
    const auto big = folder.write("big.toml", "");
    std::filesystem::resize_file(big, max_file_bytes + 1);
    CHECK(problem(big) == "is larger than 16777216 bytes");
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    CHECK(problem(folder.path() / "loop").starts_with("cannot be read: "));
}

TEST_CASE("config: a file is loaded and its path stands in complaints") {
    surroundings around;
    const temporary_folder folder;
    const auto path = folder.write("gateway.toml", "[gateway]\nmax_connecting = 7\n");
    const auto good = load_file(path, absence::is_an_error, around.environment());
    REQUIRE(good.refusals.empty());
    CHECK(good.values.gateway.max_connecting == 7);
    folder.write("gateway.toml", "x = 1\n");
    const auto bad = load_file(path, absence::is_an_error, around.environment());
    REQUIRE(bad.refusals.size() == 1);
    CHECK(to_string(bad.refusals.front()).starts_with(path.string() + ":1:1: x: unknown key"));
}

TEST_CASE("config: a certificate file that cannot be read is a mistake") {
    const temporary_folder folder;
    surroundings around;
    CHECK(complaints_about("[net]\nca_file = \"none.pem\"\n", around, folder.path()) ==
          "gateway.toml:2:11: net.ca_file: names the file " + (folder.path() / "none.pem").string() +
              ", which does not exist\n");
}

TEST_CASE("config: a certificate file without a certificate is a mistake, and what it holds is not repeated") {
    const temporary_folder folder;
    surroundings around;
    for (const auto* text : {"", "root:x:0:0:root\n", "-----BEGIN PRIVATE KEY-----\n"}) {
        const auto file = folder.write("ca.pem", text);
        CHECK(complaints_about("[net]\nca_file = \"ca.pem\"\n", around, folder.path()) ==
              "gateway.toml:2:11: net.ca_file: names the file " + file.string() +
                  ", which holds no certificate in PEM form; one begins with -----BEGIN CERTIFICATE-----\n");
    }
}

TEST_CASE("config: a bad proxy is explained without repeating it") {
    const auto complaint = [](std::string_view value) {
        return complaints_about("[net]\nproxy = " + std::string{value} + "\n");
    };
    CHECK(complaint("\"ftp://me:hunter22@h:1\"") ==
          "gateway.toml:2:9: net.proxy: does not start with http://, socks5:// or socks5h://; write for example "
          "\"socks5h://127.0.0.1:1080\"\n");
    CHECK(complaint("\"http://h\"").find("has no host and port") != std::string::npos);
    CHECK(complaint("\"http://h:0\"").find("no number from 1 to 65535") != std::string::npos);
    CHECK(complaint("\"http://h:99999\"").find("no number from 1 to 65535") != std::string::npos);
    CHECK(complaint("\"http://::1:80\"").find("without brackets") != std::string::npos);
    CHECK(complaint("\"http://a b:80\"").find("space or control") != std::string::npos);
    CHECK(complaint("7").find("is a whole number, but must be a proxy's URL") != std::string::npos);
    CHECK(complaint("\"http://[::1]:8080/\"").empty());
    CHECK(complaint("\"direct\"").empty());
}

TEST_CASE("config: where to listen is an IP address and a port; anything else is explained") {
    const auto complaint = [](std::string_view value) {
        return complaints_about("[http]\nlisten = " + std::string{value} + "\n");
    };
    for (const auto* right : {"\"127.0.0.1:8443\"", "\"0.0.0.0:0\"", "\"[::]:65535\"", "\"[::1]:80\""}) {
        CHECK(complaint(right) == "");
    }
    CHECK(complaint("\"127.0.0.1\"") ==
          "gateway.toml:2:10: http.listen: has no port; write for example \"127.0.0.1:8443\" or \"[::1]:8443\"\n");
    CHECK(complaint("\"127.0.0.1:65536\"").find("no number from 0 to 65535") != std::string::npos);
    CHECK(complaint("\"127.0.0.1:\"").find("no number from 0 to 65535") != std::string::npos);
    CHECK(complaint("\"127.0.0.1:80/hook\"").find("no number from 0 to 65535") != std::string::npos);
    CHECK(complaint("\"127.0.0.1:-1\"").find("no number from 0 to 65535") != std::string::npos);
    CHECK(complaint("\"::1:8443\"").find("an IPv6 address without brackets") != std::string::npos);
    CHECK(complaint("\"[127.0.0.1]:80\"").find("does not begin with an IP address") != std::string::npos);
    CHECK(complaint("\"localhost:80\"").find("does not begin with an IP address") != std::string::npos);
    CHECK(complaint("\":80\"").find("does not begin with an IP address") != std::string::npos);
    CHECK(complaint("\"127.1:80\"").find("does not begin with an IP address") != std::string::npos);
    CHECK(complaint("\"127.0.0.1\\u0000:80\"").find("does not begin with an IP address") != std::string::npos);
    CHECK(complaint("8443").find("is a whole number, but must be a text") != std::string::npos);
    CHECK(complaints_about("[http]\nport = 1\n").find("unknown key") != std::string::npos);
}
