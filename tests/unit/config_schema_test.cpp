#include "config/schema.hpp"
#include "unit/config_support.hpp"

using namespace config_test;
using namespace gateway::config;

namespace {

const std::string telegram = R"({
  "type": "object",
  "required": ["token"],
  "additionalProperties": false,
  "properties": {
    "token": { "type": "string", "writeOnly": true, "minLength": 4,
               "description": "the bot's token, like 123456:ABC-def" },
    "api_root": { "type": "string", "pattern": "^https?://", "description": "a URL that starts with https:// or http://" },
    "poll_timeout": { "type": "string", "format": "duration" },
    "mode": { "enum": ["poll", "webhook"] },
    "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
    "rate": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 30 },
    "ids": { "type": "array", "items": { "type": "string", "maxLength": 3 }, "minItems": 1, "maxItems": 3,
             "uniqueItems": true },
    "say": { "type": "object", "additionalProperties": false, "required": ["chat"],
             "properties": { "chat": { "type": "string" }, "every": { "$ref": "#/definitions/span" } } },
    "retry": { "anyOf": [ { "type": "string", "format": "duration" }, { "enum": ["never"] }, { "type": "boolean" } ] },
    "step": { "type": "integer", "multipleOf": 5 },
    "version": { "const": 2 },
    "labels": { "type": "object", "patternProperties": { "^x-": { "type": "string" } }, "additionalProperties": false }
  },
  "definitions": { "span": { "type": "string", "format": "duration" } }
})";

schema parsed(const std::string& text) {
    auto result = schema::parse(text);
    INFO((result.has_error() ? result.error().text : std::string{}));
    REQUIRE(result.has_value());
    return *result;
}

std::string mistake_in(const std::string& text) {
    const auto result = schema::parse(text);
    REQUIRE(result.has_error());
    return result.error().text;
}

// The complaints about an instance whose table holds these lines, the first of them on line 3.
std::string check(const std::string& lines, const std::string& schema_text = telegram) {
    surroundings around;
    const auto config = load_good("[adapters.tg]\nplugin = \"telegram\"\n" + lines, around);
    return all_of(validate_instance(config.adapters[0], parsed(schema_text), config.file, around.secrets));
}

const std::string good = "token = \"hunter22\"\n";

}  // namespace

TEST_CASE("schema: a table that fits has no complaint") {
    CHECK(check(R"(token = "hunter22"
api_root = "https://api.telegram.org"
poll_timeout = "50s"
mode = "poll"
limit = 100
rate = 2
ids = ["a", "b"]
say = { chat = "lobby", every = "1s" }
retry = "never"
step = 15
version = 2
labels = { x-a = "1" }
)")
              .empty());
}

TEST_CASE("schema: unknown keys are each named with the nearest known one, at their own place") {
    CHECK(check("tokn = \"hunter22\"\napi-root = \"x\"\n" + good) ==
          "gateway.toml:3:1: adapters.tg.tokn: unknown key; did you mean 'token'?\n"
          "gateway.toml:4:1: adapters.tg.api-root: unknown key; did you mean 'api_root'?\n");
    CHECK(check(good + "[adapters.tg.say]\nchat = \"x\"\n  evry = \"1s\"\n") ==
          "gateway.toml:6:3: adapters.tg.say.evry: unknown key; did you mean 'every'?\n");
    CHECK(check(good + "labels = { y = \"1\" }\n").find("gateway.toml:4:12: adapters.tg.labels.y: unknown key") == 0);
}

TEST_CASE("schema: an unknown key may be near one that the host knows, at the top of the table only") {
    CHECK(check("enabeld = false\n" + good) ==
          "gateway.toml:3:1: adapters.tg.enabeld: unknown key; did you mean 'enabled'?\n");
    CHECK(check(good + "say = { chat = \"x\", plugn = \"y\" }\n").find("'plugin'") == std::string::npos);
}

TEST_CASE("schema: what could not be read is complained about once, and hides no other mistake") {
    surroundings around;
    const auto found = load(
        "[adapters.tg]\nplugin = \"telegram\"\ntoken = { env = \"NONE\" }\nreconnect.initial = \"soon\"\nlimit = 0\n",
        around);
    REQUIRE(found.refusals.empty());
    CHECK(
        all_of(validate_instance(found.values.adapters[0], parsed(telegram), "gateway.toml", around.secrets)) ==
        "gateway.toml:3:17: adapters.tg.token: wants the environment variable NONE, which is not set; set it where "
        "the host is started\n"
        "gateway.toml:4:21: adapters.tg.reconnect.initial: is not a duration; write a whole number and a unit (ms, s, "
        "m, h or d), such as \"30s\"\n"
        "gateway.toml:5:9: adapters.tg.limit: must be at least 1\n");
}

TEST_CASE("schema: unknown keys are fine where the schema does not forbid them") {
    CHECK(check("anything = 1\n", R"({"type":"object","properties":{"a":{"type":"string"}}})").empty());
}

TEST_CASE("schema: a missing key is named at the table") {
    CHECK(check("") ==
          "gateway.toml:1:1: adapters.tg.token: is missing, and this adapter needs it: the bot's token, "
          "like 123456:ABC-def\n");
    CHECK(check(good + "say = { every = \"1s\" }\n") ==
          "gateway.toml:4:7: adapters.tg.say.chat: is missing, and this adapter needs it\n");
}

TEST_CASE("schema: a wrong type says what stands there and what must, without the value") {
    CHECK(check("token = 12345678\n") ==
          "gateway.toml:3:9: adapters.tg.token: is a whole number, but must be a text\n");
    CHECK(check("token = { environment = \"A\" }\n") ==
          "gateway.toml:3:9: adapters.tg.token: is a table, but must be a text, or a secret's source: { env = "
          "\"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }\n");
    CHECK(check(good + "limit = \"5\"\n") ==
          "gateway.toml:4:9: adapters.tg.limit: is a text, but must be a whole number\n");
    CHECK(check(good + "limit = 5.5\n") ==
          "gateway.toml:4:9: adapters.tg.limit: is a number with a fraction, but must be a whole number\n");
    CHECK(check(good + "ids = [\"a\", true]\n") ==
          "gateway.toml:4:13: adapters.tg.ids[1]: is true or false, but must be a text\n");
    CHECK(check(good + "say = []\n") == "gateway.toml:4:7: adapters.tg.say: is a list, but must be a table\n");
    CHECK(check(good + "poll_timeout = 50\n") ==
          "gateway.toml:4:16: adapters.tg.poll_timeout: is a whole number, but must be a duration such as \"30s\"\n");
}

TEST_CASE("schema: durations are checked as the configuration's are") {
    const std::string form = "; write a whole number and a unit (ms, s, m, h or d), such as \"30s\"\n";
    CHECK(check(good + "poll_timeout = \"50\"\n") ==
          "gateway.toml:4:16: adapters.tg.poll_timeout: is a number without a unit" + form);
    CHECK(check(good + "poll_timeout = \"-1s\"\n") ==
          "gateway.toml:4:16: adapters.tg.poll_timeout: is a negative duration" + form);
    CHECK(check(good + "say = { chat = \"x\", every = \"1w\" }\n") ==
          "gateway.toml:4:29: adapters.tg.say.every: has an unknown unit" + form);
    CHECK(check(good + "poll_timeout = \"99999999999999999999s\"\n").find("is longer than 365 days") !=
          std::string::npos);
    CHECK(check("d = \"x\"\n", R"({"properties":{"d":{"format":"duration","pattern":"^x"}}})")
              .find("is not a duration") != std::string::npos);
    CHECK(check("d = \"1s\"\n", R"({"properties":{"d":{"format":"duration","pattern":"^1"}}})").empty());
}

TEST_CASE("schema: limits say what they are") {
    CHECK(check(good + "limit = 0\n") == "gateway.toml:4:9: adapters.tg.limit: must be at least 1\n");
    CHECK(check(good + "limit = 101\n") == "gateway.toml:4:9: adapters.tg.limit: must be at most 100\n");
    CHECK(check(good + "rate = 0.0\n").find("adapters.tg.rate: must be more than 0\n") != std::string::npos);
    CHECK(check(good + "rate = 30\n").find("adapters.tg.rate: must be less than 30\n") != std::string::npos);
    CHECK(check("token = \"abc\"\n") ==
          "gateway.toml:3:9: adapters.tg.token: is too short; at least 4 characters are needed\n");
    CHECK(check(good + "ids = [\"abcd\"]\n") ==
          "gateway.toml:4:8: adapters.tg.ids[0]: is too long; at most 3 characters are allowed\n");
    CHECK(check(good + "ids = []\n") ==
          "gateway.toml:4:7: adapters.tg.ids: has too few entries; at least 1 are needed\n");
    CHECK(check(good + "ids = [\"a\", \"b\", \"c\", \"d\"]\n") ==
          "gateway.toml:4:7: adapters.tg.ids: has too many entries; at most 3 are allowed\n");
    CHECK(check(good + "ids = [\"a\", \"a\"]\n") ==
          "gateway.toml:4:7: adapters.tg.ids: has an entry twice; each may stand only once\n");
    CHECK(check(good + "step = 7\n") == "gateway.toml:4:8: adapters.tg.step: must be a multiple of 5\n");
}

TEST_CASE("schema: words, constants and forms are listed") {
    CHECK(check(good + "mode = \"pol\"\n") == "gateway.toml:4:8: adapters.tg.mode: must be \"poll\" or \"webhook\"\n");
    CHECK(check(good + "version = 1\n") == "gateway.toml:4:11: adapters.tg.version: must be 2\n");
    CHECK(check(good + "api_root = \"ftp://x\"\n") ==
          "gateway.toml:4:12: adapters.tg.api_root: does not have the form that the adapter asks for: a URL that "
          "starts with https:// or http://\n");
    CHECK(check("a = \"b\"\n", R"({"properties":{"a":{"pattern":"^x[0-9]$"}}})") ==
          "gateway.toml:3:5: adapters.tg.a: does not have the form that the adapter asks for; see its documentation\n");
    CHECK(check("token = \"\"\n") ==
          "gateway.toml:3:9: adapters.tg.token: is empty: the bot's token, like 123456:ABC-def\n");
    CHECK(check(good + "retry = \"sometimes\"\n") ==
          "gateway.toml:4:9: adapters.tg.retry: must be a duration such as \"30s\", \"never\" or true or false\n");
    CHECK(check(good + "retry = \"5s\"\n").empty());
    CHECK(check(good + "retry = false\n").empty());
}

TEST_CASE("schema: all mistakes of a table are found") {
    CHECK(check("mode = 1\nlimit = 0\nids = [1, 2]\nnope = 1\n") ==
          "gateway.toml:1:1: adapters.tg.token: is missing, and this adapter needs it: the bot's token, like "
          "123456:ABC-def\n"
          "gateway.toml:3:8: adapters.tg.mode: must be \"poll\" or \"webhook\"\n"
          "gateway.toml:4:9: adapters.tg.limit: must be at least 1\n"
          "gateway.toml:5:8: adapters.tg.ids[0]: is a whole number, but must be a text\n"
          "gateway.toml:5:11: adapters.tg.ids[1]: is a whole number, but must be a text\n"
          "gateway.toml:6:1: adapters.tg.nope: unknown key; did you mean 'mode'?\n");
}

TEST_CASE("schema: a secret's value is in no complaint") {
    surroundings around;
    around.variables["T"] = "hunter22-and-more";
    const auto config = load_good("[adapters.tg]\nplugin = \"telegram\"\ntoken = { env = \"T\" }\n", around);
    const auto rules = parsed(R"({"properties":{"token":{"allOf":[{"maxLength":3},{"pattern":"^x"},{"enum":["a"]},
        {"const":"b"},{"type":"integer"},{"not":{"type":"string"}},{"anyOf":[{"type":"array"},{"maxLength":2}]}]}}})");
    const auto complaints = all_of(validate_instance(config.adapters[0], rules, config.file, around.secrets));
    CHECK_FALSE(complaints.empty());
    CHECK(complaints.find("hunter") == std::string::npos);
    CHECK(complaints.find("gateway.toml:3:9: adapters.tg.token: ") == 0);
}

TEST_CASE("schema: what it marks as secret is registered though it stands in the file itself") {
    surroundings around;
    const auto config = load_good(
        "[adapters.tg]\nplugin = \"x\"\ntoken = \"hunter22\"\nkeys = [\"hunter33\"]\nopen = "
        "\"public-text\"\n",
        around);
    const auto rules = parsed(R"({"properties":{"token":{"$ref":"#/definitions/s"},
        "keys":{"items":{"anyOf":[{"type":"integer"},{"type":"string","writeOnly":true}]}},"open":{"type":"string"}},
        "definitions":{"s":{"type":"string","writeOnly":true}}})");
    CHECK(around.secrets.redact("hunter22") == "hunter22");
    CHECK(validate_instance(config.adapters[0], rules, config.file, around.secrets).empty());
    CHECK(around.secrets.redact("hunter22 hunter33 public-text") == "[secret] [secret] public-text");
}

TEST_CASE("schema: one that is no schema is the module's mistake and says why") {
    CHECK(mistake_in("{").find("is no JSON: ") == 0);
    CHECK(mistake_in("[]") == "is no JSON object");
    CHECK(mistake_in(R"({"type":"strng"})").find("is no JSON Schema: ") == 0);
    CHECK(mistake_in(R"({"properties":{"a":{"pattern":"("}}})")
              .find("has the pattern '(', which is no regular "
                    "expression") == 0);
    CHECK(mistake_in(R"({"patternProperties":{"[":{}}})").find("has the pattern '['") == 0);
    CHECK(mistake_in(R"({"properties":{"a":{"$ref":"#/definitions/b"}}})") ==
          "refers with $ref to \"#/definitions/b\", which it does not contain");
    CHECK(mistake_in(R"({"$ref":"http://example.org/schema"})").find("which it does not contain") != std::string::npos);
    CHECK(mistake_in(R"({"$ref":"#"})") == "refers to itself without end");
    CHECK(mistake_in(R"({"allOf":[{"$ref":"#"}]})") == "refers to itself without end");
    CHECK(mistake_in(R"({"properties":{"a":{"$ref":"#/definitions/b"}},
        "definitions":{"b":{"$ref":"#/definitions/c"},"c":{"anyOf":[{"$ref":"#/definitions/b"}]}}})") ==
          "refers to itself without end");
    CHECK(mistake_in(R"({"x":")" + std::string(70'000, 'x') + "\"}") == "is larger than 65536 bytes");
    CHECK(mistake_in(std::string(5'000, '[')).find("is no JSON: ") == 0);
}

TEST_CASE("schema: one that descends into itself is fine") {
    const std::string tree = R"({"type":"object","additionalProperties":false,
        "properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#"}}}})";
    CHECK(check("children = [{ children = [{ name = \"x\" }] }]\n", tree).empty());
    CHECK(check("children = [{ children = [{ nme = 1 }] }]\n", tree) ==
          "gateway.toml:3:29: adapters.tg.children[0].children[0].nme: unknown key; did you mean 'name'?\n");
}

TEST_CASE("schema: a text too long for a pattern is refused before it costs a stack") {
    CHECK(check(good + "api_root = \"https://" + std::string(100'000, 'x') + "\"\n",
                R"({"properties":{"api_root":{"pattern":"^([a-z]|:|/)*$"}}})") ==
          "gateway.toml:4:12: adapters.tg.api_root: is longer than 1024 bytes, too long for the form that the adapter "
          "asks for\n");
    CHECK(check(good + "api_root = \"" + std::string(1024, 'x') + "\"\n",
                R"({"properties":{"api_root":{"pattern":"^([a-z]|:|/)*$"}}})")
              .empty());
}

TEST_CASE("schema: a table as deep as TOML allows is checked") {
    std::string dots = "a";
    for (int i = 0; i < 31; ++i) {
        dots += ".a";
    }
    std::string value = "1";
    for (int i = 0; i < 15; ++i) {
        value = "[{ " + dots + " = " + value + " }]";
    }
    CHECK(check("a = " + value + "\n", R"({"additionalProperties":{"$ref":"#"},"items":{"$ref":"#"}})").empty());
}

TEST_CASE("schema: keys with brackets, slashes and tildes are found again") {
    CHECK(check("\"a/b~c[0]\" = 1\n", R"({"additionalProperties":{"type":"string"}})") ==
          "gateway.toml:3:14: adapters.tg.\"a/b~c[0]\": is a whole number, but must be a text\n");
}
