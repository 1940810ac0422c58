// Message entities: recorded shapes both ways, and the platform's own rules.
#include "telegram_entities.hpp"

#include "markdown_reader.hpp"
#include "support/telegram_text.hpp"
#include "telegram_inbox.hpp"
#include "telegram_text.hpp"
#include "unit/markdown_text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>

using namespace gateway;
using namespace gateway::telegram;
namespace json = boost::json;

namespace {

json::array golden(const std::string& name) {
    std::ifstream file(std::string(GATEWAY_GOLDEN_DIR "/telegram_entities/") + name);
    REQUIRE(file.good());
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_array();
}

std::string string_of(const json::object& from, const char* key) {
    return std::string(from.at(key).as_string());
}

void check_incoming(const json::object& each) {
    styled_text read = read_entities(string_of(each, "text"), each.if_contains("entities"));
    CHECK(to_markdown(std::move(read.what), GW_MAX_TEXT_BYTES) == string_of(each, "markdown"));
    const json::value* unknown = each.if_contains("unknown");
    CHECK(read.unknown == static_cast<std::size_t>(unknown == nullptr ? 0 : unknown->as_int64()));
}

// What goes out in one piece.
std::pair<std::string, json::array> sent(const std::string& source) {
    auto pieces = split_text(markdown::read(source));
    REQUIRE(pieces.size() == 1);
    return {pieces[0].text, to_entities(pieces[0])};
}

}  // namespace

TEST_CASE("telegram: each kind of entity comes in and goes out as the same") {
    for (const json::value& value : golden("both_ways.json")) {
        const json::object& each = value.as_object();
        CAPTURE(each.at("name"));
        check_incoming(each);
        const auto [text, entities] = sent(string_of(each, "markdown"));
        CHECK(text == trimmed(string_of(each, "text")));
        CHECK(json::serialize(entities) == json::serialize(json::value_from(each.at("entities"))));
    }
}

TEST_CASE("telegram: what the platform should not say is mended, what it finds itself is text") {
    for (const json::value& value : golden("coming_in.json")) {
        CAPTURE(value.at("name"));
        check_incoming(value.as_object());
    }
}

TEST_CASE("telegram: what only Markdown has goes out as what the platform has") {
    for (const json::value& value : golden("going_out.json")) {
        const json::object& each = value.as_object();
        CAPTURE(each.at("name"));
        const auto [text, entities] = sent(string_of(each, "markdown"));
        CHECK(text == string_of(each, "text"));
        CHECK(json::serialize(entities) == json::serialize(each.at("entities")));
    }
}

TEST_CASE("telegram: any text with any styles goes out as the platform takes it, nothing dropped") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2'000; ++round) {
        const markdown::rich_text made = test::random_rich_text(random, 60, 10);
        for (const markdown::rich_text& piece : split_text(made, round % 2 == 0 ? 4096 : 40)) {
            const json::array entities = to_entities(piece);
            CAPTURE(test::shown(piece));
            CAPTURE(json::serialize(entities));
            test::formatted_text formatted;
            const auto refused = test::format_text(piece.text, entities, formatted);
            CAPTURE(refused.value_or(""));
            REQUIRE_FALSE(refused);
            REQUIRE(formatted.text == piece.text);
            REQUIRE(formatted.entities == entities);
        }
    }
}

TEST_CASE("telegram: whatever entities come, a valid text is made of them") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::vector<std::string> kinds{
        "bold",       "italic", "code",      "pre", "text_link", "custom_emoji",
        "blockquote", "url",    "underline", "x",   "spoiler",   "expandable_blockquote"};
    for (int round = 0; round < 2'000; ++round) {
        const std::string text = test::random_rich_text(random, 30, 0).text;
        json::array entities;
        for (std::size_t count = random() % 12; count != 0; --count) {
            entities.push_back(json::object{{"type", kinds[random() % kinds.size()]},
                                            {"offset", static_cast<std::int64_t>(random() % 60) - 5},
                                            {"length", static_cast<std::int64_t>(random() % 20) - 2},
                                            {"url", "https://x.y"},
                                            {"custom_emoji_id", "5"}});
        }
        CAPTURE(json::serialize(entities));
        const json::value all = entities;
        const styled_text read = read_entities(text, &all);
        REQUIRE(read.what.text == text);
        REQUIRE(markdown::is_valid(read.what));
        REQUIRE(markdown::read(to_markdown(read.what, GW_MAX_TEXT_BYTES)) == read.what);
    }
}

TEST_CASE("telegram: of more than 100 entities the last styles are left out, not the links, and not the text") {
    std::string source;
    for (int index = 0; index < 90; ++index) {
        source += "**b** [l](https://x.y) ![e](tg://emoji?id=1) ";
    }
    const auto [text, entities] = sent(source);
    CHECK(utf16_units(text) == 90 * 6 - 1);
    std::size_t bold = 0;
    std::size_t links = 0;
    std::int64_t last_bold = 0;
    for (const json::value& each : entities) {
        const std::string type(each.at("type").as_string());
        bold += type == "bold" ? 1 : 0;
        links += type == "text_link" ? 1 : 0;
        last_bold = type == "bold" ? each.at("offset").to_number<std::int64_t>() : last_bold;
    }
    CHECK(entities.size() == 190);
    CHECK(links == 90);
    CHECK(bold == 10);
    CHECK(last_bold == 9 * 6);
}

TEST_CASE("telegram: Markdown that would be too long loses its styles, then its end") {
    markdown::rich_text what{std::string(100, 'x'), {}};
    for (std::size_t index = 0; index < 100; ++index) {
        what.spans.push_back({markdown::style::link, index, index + 1, std::string(1'000, 'u')});
    }
    CHECK(to_markdown(what, 110'000).size() > 100'000);
    CHECK(to_markdown(what, 65'536) == std::string(100, 'x'));
    const std::string stars(1'000, '\x01');
    const std::string cut = to_markdown({stars, {}}, 999);
    CHECK(cut.size() <= 999);
    CHECK(cut.size() > 900);
    CHECK(cut.ends_with(';'));
}

TEST_CASE("telegram: more entities than anybody sends are not looked at") {
    json::array many;
    for (int index = 0; index < 3'000; ++index) {
        many.push_back(json::object{{"type", "bold"}, {"offset", 2 * index}, {"length", 1}});
    }
    const json::value all = many;
    const styled_text read = read_entities(std::string(6'000, 'x'), &all);
    CHECK(read.what.spans.size() == max_entities_read);
    CHECK(read.unknown == 3'000 - max_entities_read);
    const json::value wrong = "entities";
    CHECK(read_entities("x", &wrong).what == markdown::rich_text{"x", {}});
    CHECK(read_entities("x", nullptr).what == markdown::rich_text{"x", {}});
}

TEST_CASE("telegram: the text and the caption of an update are Markdown") {
    const auto text_of = [](std::string_view update) {
        const parsed_update parsed = parse_update(json::parse(update), {.own_id = 1, .username = "us"});
        REQUIRE(parsed.events.size() == 1);
        return parsed.events.front().message.text;
    };
    CHECK(text_of(R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"a b",
                     "entities":[{"type":"bold","offset":2,"length":1}]}})") == "a **b**");
    CHECK(text_of(R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"caption":"a b","photo":[{"file_id":"f"}],
                     "entities":[{"type":"bold","offset":0,"length":1}],
                     "caption_entities":[{"type":"bold","offset":2,"length":1}]}})") == "a **b**");
    CHECK(text_of(R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"a\u0000*b*"}})") ==
          "a\xef\xbf\xbd\\*b\\*");
    inbox updates;
    const auto all = updates.read(json::parse(R"([{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"a b",
                     "entities":[{"type":"new","offset":2,"length":1}]}}])")
                                      .as_array(),
                                  {.own_id = 1, .username = "us"});
    CHECK(all.unknown_entities == 1);
}
