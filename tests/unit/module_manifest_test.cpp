#include "module/manifest.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gateway::module;

namespace {

std::string wrong(const std::string& text) {
    const auto parsed = parse_manifest(text);
    return parsed ? "(fine)" : parsed.error();
}

// A sound manifest with one more key.
std::string with(const std::string& key_and_value) {
    return R"({"name": "echo", "version": "1.0.0", "abi": {"major": 1, "minor": 0}, )" + key_and_value + "}";
}

}  // namespace

TEST_CASE("manifest: all that it may say is read") {
    const std::string text = R"({
        "name": "echo-2", "version": "1.2.0~rc1", "description": "Answers every message",
        "abi": {"major": 1, "minor": 3}, "requires": ["gateway.timer/1", "gateway.kv/1"],
        "capabilities": ["text", "reply"], "limits": {"text": {"max": 4096, "unit": "utf16"}},
        "threads": true, "config": {"type": "object"}})";
    const auto parsed = parse_manifest(text);
    REQUIRE(parsed);
    const auto& manifest = **parsed;
    CHECK(manifest.name == "echo-2");
    CHECK(manifest.version == "1.2.0~rc1");
    CHECK(manifest.description == "Answers every message");
    CHECK(manifest.abi_major == 1);
    CHECK(manifest.abi_minor == 3);
    CHECK(manifest.requirements == std::vector<std::string>{"gateway.timer/1", "gateway.kv/1"});
    CHECK(manifest.capabilities == std::vector<std::string>{"text", "reply"});
    CHECK(manifest.limits.at("text").at("max").as_int64() == 4096);
    CHECK(manifest.threads);
    CHECK(manifest.config_schema.at("type").as_string() == "object");
    CHECK(manifest.text == text);
}

TEST_CASE("manifest: name, version and abi are enough, and keys of tomorrow do no harm") {
    const auto parsed = parse_manifest(with(R"("license": "MIT", "icons": [1, {"x": null}])"));
    REQUIRE(parsed);
    CHECK((*parsed)->config_schema.empty());
    CHECK_FALSE((*parsed)->threads);
}

TEST_CASE("manifest: a missing key is named, with an example") {
    CHECK(wrong(R"({"version": "1", "abi": {"major": 1, "minor": 0}})") ==
          R"(lacks "name", a text such as "telegram")");
    CHECK(wrong(R"({"name": "echo", "abi": {"major": 1, "minor": 0}})") ==
          R"(lacks "version", a text such as "1.0.0")");
    for (const auto* abi : {"null", "1", "{}", R"({"major": 1})", R"({"major": "1", "minor": 0})",
                            R"({"major": 1, "minor": -1})", R"({"major": 4294967296, "minor": 0})"}) {
        CHECK(wrong(R"({"name": "echo", "version": "1", "abi": )" + std::string(abi) + "}") ==
              R"(lacks "abi", an object such as {"major": 1, "minor": 0})");
    }
}

TEST_CASE("manifest: a name is short, lower case and starts with a letter") {
    for (const auto* name : {"a", "telegram", "t2-x_y", "abcdefghijklmnopqrstuvwxyz012345"}) {
        CHECK(is_module_name(name));
    }
    for (const auto* name : {"", "2a", "-a", "Echo", "e cho", "a/b", "..", "abcdefghijklmnopqrstuvwxyz0123456", "é"}) {
        CAPTURE(name);
        CHECK_FALSE(is_module_name(name));
        CHECK(wrong(R"({"name": ")" + std::string(name) + R"(", "version": "1", "abi": {"major": 1, "minor": 0}})") ==
              "has a \"name\" that cannot be one; it must be 1 to 32 of a-z 0-9 _ - and start with a letter");
    }
    CHECK(wrong(R"({"name": "a\u0000b", "version": "1", "abi": {"major": 1, "minor": 0}})")
              .starts_with("has a \"name\""));
}

TEST_CASE("manifest: a value of the wrong type is named") {
    CHECK(wrong(with(R"("description": 1)")).starts_with("has a \"description\" that is not a text"));
    CHECK(wrong(with(R"("description": "two\nlines")")).starts_with("has a \"description\" that is not a text"));
    CHECK(wrong(with(R"("requires": "gateway.timer/1")")).starts_with("has a \"requires\" that is not a list"));
    CHECK(wrong(with(R"("requires": [1])")).starts_with("has a \"requires\" that is not a list"));
    CHECK(wrong(with(R"("capabilities": [""])")).starts_with("has a \"capabilities\" that is not a list"));
    CHECK(wrong(with(R"("threads": 1)")) == "has a \"threads\" that is neither true nor false");
    CHECK(wrong(with(R"("limits": [])")).starts_with("has a \"limits\" that is no JSON object"));
    CHECK(wrong(with(R"("config": true)")) ==
          "has a \"config\" that is no JSON object; it must be a JSON Schema of the instance's table");
    CHECK(wrong(R"({"name": "echo", "version": "1 0", "abi": {"major": 1, "minor": 0}})")
              .starts_with("has a \"version\" that cannot be one"));
}

TEST_CASE("manifest: lists are bounded") {
    std::string list = "\"x\"";
    for (int i = 1; i < 64; ++i) {
        list += ",\"x\"";
    }
    CHECK(parse_manifest(with("\"capabilities\": [" + list + "]")));
    CHECK_FALSE(parse_manifest(with("\"capabilities\": [" + list + ",\"x\"]")));
}

TEST_CASE("manifest: what is not a JSON object is refused, also when nested without end or not UTF-8") {
    CHECK(wrong("").starts_with("is not valid JSON: "));
    CHECK(wrong("{\"name\": }").starts_with("is not valid JSON: "));
    CHECK(wrong("{} {}").starts_with("is not valid JSON: "));
    CHECK(wrong("[]") == "is no JSON object; it must start with {");
    CHECK(wrong(with("\"description\": \"\xff\"")).starts_with("is not valid JSON: "));
    CHECK(wrong(std::string(60'000, '[')) == "is nested deeper than 32 levels");
}
