#include "unit/config_support.hpp"

#include <boost/json.hpp>

using namespace config_test;
using namespace gateway::config;
namespace json = boost::json;

namespace {

std::string with_token(std::string_view value) {
    return "[adapters.tg]\nplugin = \"telegram\"\ntoken = " + std::string{value} + "\n";
}

std::string token_in(const configuration& config) {
    REQUIRE(config.adapters.size() == 1);
    return std::string{json::parse(config.adapters[0].json).at("token").as_string()};
}

}  // namespace

TEST_CASE("secrets: one from the environment is resolved and registered") {
    surroundings around;
    around.variables["TELEGRAM_TOKEN"] = "hunter22";
    CHECK(token_in(load_good(with_token("{ env = \"TELEGRAM_TOKEN\" }"), around)) == "hunter22");
    CHECK(around.secrets.redact("a hunter22 b") == "a [secret] b");
}

TEST_CASE("secrets: one from a file loses its newline and is registered; its path may be relative") {
    surroundings around;
    const temporary_folder folder;
    folder.write("token", "hunter22\r\n\n");
    CHECK(token_in(load_good(with_token("{ file = \"token\" }"), around, folder.path())) == "hunter22");
    const auto absolute = with_token("{ file = \"" + (folder.path() / "token").string() + "\" }");
    CHECK(token_in(load_good(absolute, around)) == "hunter22");
    CHECK(around.secrets.redact("hunter22") == "[secret]");
}

TEST_CASE("secrets: one from systemd's credentials is resolved") {
    surroundings around;
    const temporary_folder folder;
    folder.write("tg", "hunter22");
    around.variables["CREDENTIALS_DIRECTORY"] = folder.path().string();
    CHECK(token_in(load_good(with_token("{ credential = \"tg\" }"), around)) == "hunter22");
}

TEST_CASE("secrets: they may stand deep inside, in chats and in dotted form") {
    surroundings around;
    around.variables["A"] = "value-a";
    around.variables["B"] = "value-b";
    around.variables["C"] = "value-c";
    const auto config = load_good(R"(
[adapters.x]
plugin = "stub"
list = [{ deep = { env = "A" } }, { env = "B" }]
dotted.env = "C"
[adapters.x.chats.lobby]
key = { env = "A" }
)",
                                  around);
    CHECK(json::parse(config.adapters[0].json) ==
          json::parse(R"({"list":[{"deep":"value-a"},"value-b"],"dotted":"value-c"})"));
    CHECK(config.adapters[0].chats[0].json == R"({"key":"value-a"})");
}

TEST_CASE("secrets: a table that only looks like a source stays a table") {
    surroundings around;
    const auto config = load_good(R"(
[adapters.x]
plugin = "stub"
a = { env = { PATH = "/bin" } }
b = { file = "x", mode = 5 }
c = {}
)",
                                  around);
    CHECK(json::parse(config.adapters[0].json) ==
          json::parse(R"({"a":{"env":{"PATH":"/bin"}},"b":{"file":"x","mode":5},"c":{}})"));
}

TEST_CASE("secrets: a missing or empty variable is named") {
    surroundings around;
    around.variables["EMPTY"] = "";
    CHECK(complaints_about(with_token("{ env = \"NONE\" }"), around) ==
          "gateway.toml:3:17: adapters.tg.token: wants the environment variable NONE, which is not set; set it where "
          "the host is started\n");
    CHECK(complaints_about(with_token("{ env = \"EMPTY\" }"), around) ==
          "gateway.toml:3:17: adapters.tg.token: wants the environment variable EMPTY, which is empty\n");
    CHECK(complaints_about(with_token("{ env = \"\" }"), around).find("names no environment variable") !=
          std::string::npos);
}

TEST_CASE("secrets: one that is missing is its instance's mistake, and no reason to refuse the file") {
    surroundings around;
    const auto result = load(with_token("{ env = \"NONE\" }") + "[adapters.other]\nplugin = \"stub\"\n", around);
    CHECK(result.refusals.empty());
    REQUIRE(result.values.adapters.size() == 2);
    CHECK(result.values.adapters[0].mistakes.empty());
    CHECK(result.values.adapters[1].mistakes.size() == 1);
}

TEST_CASE("secrets: a missing, empty, oversized or binary file is named, its content never") {
    surroundings around;
    const temporary_folder folder;
    folder.write("empty", "\n\n");
    folder.write("big", std::string(max_secret_bytes + 1, 'x'));
    folder.write("binary", std::string{"\xFF\xFEsecret", 8});
    folder.write("nul", std::string{"abc\0def", 7});
    const auto complaint = [&](const std::string& file) {
        return complaints_about(with_token("{ file = \"" + file + "\" }"), around, folder.path());
    };
    const std::string lead = "gateway.toml:3:18: adapters.tg.token: wants ";
    const std::string path = "the file " + folder.path().string() + "/";
    CHECK(complaint("none") == lead + path + "none, which does not exist\n");
    CHECK(complaint("empty") == lead + path + "empty, which is empty\n");
    CHECK(complaint("big") == lead + path + "big, which is larger than 65536 bytes\n");
    CHECK(complaint("binary") == lead + "a secret that is not text; it must be UTF-8 without NUL bytes\n");
    CHECK(complaint("nul") == lead + "a secret that is not text; it must be UTF-8 without NUL bytes\n");
    CHECK(complaint(".").find("is a directory, not a file") != std::string::npos);
    CHECK(complaint("") == "gateway.toml:3:18: adapters.tg.token: names no file\n");
}

TEST_CASE("secrets: a credential needs systemd and a plain name") {
    surroundings around;
    CHECK(complaints_about(with_token("{ credential = \"tg\" }"), around) ==
          "gateway.toml:3:24: adapters.tg.token: wants the credential tg, but systemd passed none; the unit needs "
          "LoadCredential=tg:PATH\n");
    const temporary_folder folder;
    around.variables["CREDENTIALS_DIRECTORY"] = folder.path().string();
    CHECK(complaints_about(with_token("{ credential = \"tg\" }"), around).find("which does not exist") !=
          std::string::npos);
    CHECK(complaints_about(with_token("{ credential = \"../tg\" }"), around).find("names no credential") !=
          std::string::npos);
}

TEST_CASE("secrets: two sources for one value are a mistake") {
    surroundings around;
    around.variables["A"] = "hunter22";
    CHECK(complaints_about(with_token("{ env = \"A\", file = \"b\" }"), around) ==
          "gateway.toml:3:9: adapters.tg.token: has more than one source; keep one of env, file and credential\n");
}

TEST_CASE("secrets: a file that everybody may read is worth a warning") {
    surroundings around;
    const temporary_folder folder;
    folder.write("token", "hunter22", std::filesystem::perms{0644});
    const auto config = load_good(with_token("{ file = \"token\" }"), around, folder.path());
    CHECK(all_of(config.warnings) == "gateway.toml:3:18: adapters.tg.token: comes from the file " +
                                         (folder.path() / "token").string() +
                                         ", which every user of this machine may read; chmod 600 would be right\n");
}

TEST_CASE("secrets: one too short to be kept out of logs is worth a warning") {
    surroundings around;
    around.variables["A"] = "abc";
    const auto config = load_good(with_token("{ env = \"A\" }"), around);
    REQUIRE(config.warnings.size() == 1);
    CHECK(config.warnings[0].text.find("so short a secret") != std::string::npos);
}

TEST_CASE("secrets: a proxy's URL may be one") {
    surroundings around;
    around.variables["P"] = "http://me:proxy-pass@h:1";
    around.variables["BAD"] = "ftp://me:proxy-pass@h:1";
    const auto config = load_good("[net]\nproxy = { env = \"P\" }\n", around);
    CHECK(config.net.proxy == "http://me:proxy-pass@h:1");
    CHECK(around.secrets.redact("proxy-pass") == "[secret]");
    const auto bad = complaints_about("[net]\nproxy = { env = \"BAD\" }\n", around);
    CHECK(bad.find("net.proxy: does not start with http://") != std::string::npos);
    CHECK(bad.find("proxy-pass") == std::string::npos);
}
