// Texts as Telegram bounds them.
#include "telegram_text.hpp"

#include "unit/markdown_text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;

namespace {

std::string repeat(std::string_view what, std::size_t times) {
    std::string result;
    for (std::size_t index = 0; index < times; ++index) {
        result += what;
    }
    return result;
}

using texts = std::vector<std::string>;

texts split(std::string text, std::size_t max_units = max_text_units) {
    texts all;
    for (auto& piece : split_text({std::move(text), {}}, max_units)) {
        CHECK(piece.spans.empty());
        all.push_back(std::move(piece.text));
    }
    return all;
}

std::string styles_at(const markdown::rich_text& in, std::size_t place) {
    std::string all;
    for (const markdown::span& each : in.spans) {
        if (each.begin <= place && place < each.end && each.what != markdown::style::custom_emoji) {
            all += std::to_string(static_cast<int>(each.what)) + each.data + " ";
        }
    }
    return all;
}

}  // namespace

TEST_CASE("telegram: lengths are counted in UTF-16 units") {
    CHECK(utf16_units("") == 0);
    CHECK(utf16_units("abc") == 3);
    CHECK(utf16_units("äöü") == 3);
    CHECK(utf16_units("語") == 1);
    CHECK(utf16_units("😀") == 2);
}

TEST_CASE("telegram: broken UTF-8 is mended and a cut leaves no broken character") {
    const std::string mark = "\xef\xbf\xbd";
    CHECK(clean_utf8("plain äöü 語 😀", 100) == "plain äöü 語 😀");
    CHECK(clean_utf8("a\xff"
                     "b",
                     100) == std::string("a").append(mark).append("b"));
    CHECK(clean_utf8("\xed\xa0\x80", 100) == mark + mark + mark);                         // a surrogate
    CHECK(clean_utf8("\xc0\xaf", 100) == mark + mark);                                    // longer than needed
    CHECK(clean_utf8("\xf5\x80\x80\x80", 100) == repeat(mark, 4));                        // past U+10FFFF
    CHECK(clean_utf8("x\xf0\x9f\x98", 100) == std::string("x").append(repeat(mark, 3)));  // ends too early
    CHECK(clean_utf8("ab😀", 5) == "ab");
    CHECK(clean_utf8("ab😀", 6) == "ab😀");
    CHECK(clean_utf8("\xff\xff", 4) == mark);
}

TEST_CASE("telegram: a text that fits is one piece, trimmed as the platform trims it") {
    CHECK(split("hello") == texts{"hello"});
    CHECK(split(" \n hello world \t\n") == texts{"hello world"});
    CHECK(split("").empty());
    CHECK(split(" \n\t ").empty());
    CHECK(split(repeat("x", 4096), max_text_units).size() == 1);
    CHECK(split(repeat("x", 4097), max_text_units).size() == 2);
    CHECK(split(repeat("😀", 2048), max_text_units).size() == 1);
    CHECK(split(repeat("😀", 2049), max_text_units).size() == 2);
}

TEST_CASE("telegram: a long text is cut at a paragraph, else a line, else between words, else inside a word") {
    CHECK(split("one\n\ntwo\nthree four", 12) == texts{"one\n\ntwo", "three four"});
    CHECK(split("one two\n\nthree\nfour", 14) == texts{"one two", "three\nfour"});
    CHECK(split("one two\nthree four", 12) == texts{"one two", "three four"});
    CHECK(split("one two three", 8) == texts{"one two", "three"});
    CHECK(split("one two three", 7) == texts{"one two", "three"});  // the space is just past what fits
    CHECK(split("abcdefghij", 4) == texts{"abcd", "efgh", "ij"});
    CHECK(split("a\nbcdefghijkl", 8) == texts{"a\nbcdefg", "hijkl"});  // a line break too early to be of use
    CHECK(split("one      \n\n   two", 5) == texts{"one", "two"});
}

TEST_CASE("telegram: a cut is never inside a character or a grapheme") {
    CHECK(split("a😀😀😀", 4) == texts{"a😀", "😀😀"});
    CHECK(split("äöüß", 2) == texts{"äö", "üß"});
    CHECK(split("abcde\u0301f", 5) == texts{"abcd", "e\u0301f"});
    CHECK(split("ab👍🏽c", 4) == texts{"ab", "👍🏽", "c"});
    CHECK(split("🇩🇪🇫🇷🇮🇹", 6) == texts{"🇩🇪", "🇫🇷", "🇮🇹"});
}

TEST_CASE("telegram: pieces without anything visible are left out") {
    CHECK(split("\u200b\u00a0\n").empty());
    CHECK(split("abcd \u200b\u200b\u200b\u200b efgh", 4) == texts{"abcd", "efgh"});
    CHECK(is_invisible("\u2800 \u200d"));
    CHECK_FALSE(is_invisible("\u200b."));
}

TEST_CASE("telegram: styles go on in the next piece, and code blocks are kept whole where they fit") {
    const auto pieces = [](std::string text, std::vector<markdown::span> spans, std::size_t max_units) {
        std::vector<std::string> all;
        for (const auto& each : split_text({std::move(text), std::move(spans)}, max_units)) {
            CHECK(markdown::is_valid(each));
            all.push_back(test::shown(each));
        }
        return all;
    };
    using markdown::style;
    CHECK(pieces("aaa bbb ccc", {{style::bold, 2, 9}, {style::italic, 4, 7}}, 4) ==
          texts{"aa‹bold:a›", "‹bold:‹italic:bbb››", "‹bold:c›cc"});
    CHECK(pieces("text\ncode more", {{style::code_block, 5, 14}}, 10) == texts{"text", "‹pre:code more›"});
    CHECK(pieces("f:\n  a\nb:\n  c", {{style::code_block, 0, 14}}, 12) == texts{"‹pre:f:⏎  a›", "‹pre:b:⏎  c›"});
    CHECK(pieces("ab👍🏽", {{style::custom_emoji, 2, 10, "tg://emoji?id=1"}}, 3) == texts{"ab", "👍", "🏽"});
    CHECK(pieces("abcdefgh", {{style::link, 0, 8, "u"}}, 5) == texts{"‹link=u:abcde›", "‹link=u:fgh›"});
}

TEST_CASE("telegram: splitting any text loses, doubles and reorders nothing") {
    const std::uint32_t seed = 1;  // always the same texts: tests/fuzz looks for others
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2'000; ++round) {
        const markdown::rich_text text = test::random_rich_text(random, 120, 8);
        const std::size_t max_units = 2 + random() % 60;
        CAPTURE(test::shown(text));
        CAPTURE(max_units);
        std::size_t at = 0;  // of what the pieces said so far
        for (const markdown::rich_text& piece : split_text(text, max_units)) {
            REQUIRE(utf16_units(piece.text) <= max_units);
            REQUIRE(piece.text == trimmed(piece.text));
            REQUIRE_FALSE(piece.text.empty());
            REQUIRE(clean_utf8(piece.text, piece.text.size()) == piece.text);
            REQUIRE(markdown::is_valid(piece));
            const std::size_t found = text.text.find(piece.text, at);
            REQUIRE(found != std::string::npos);
            REQUIRE(is_invisible(text.text.substr(at, found - at)));
            at = found + piece.text.size();
            // The same characters have the same styles, but for an emoji that is cut.
            for (std::size_t place = 0; place < piece.text.size(); ++place) {
                REQUIRE(styles_at(piece, place) == styles_at(text, found + place));
            }
        }
        REQUIRE(is_invisible(text.text.substr(at)));
    }
}
