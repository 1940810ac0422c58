// Texts as Telegram bounds them.
#include "telegram_text.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace gateway::telegram;

namespace {

std::string repeat(std::string_view what, std::size_t times) {
    std::string result;
    for (std::size_t index = 0; index < times; ++index) {
        result += what;
    }
    return result;
}

std::string without_white_space(std::string_view from) {
    std::string result;
    for (const char c : from) {
        if (std::string_view(" \t\r\n\v\f").find(c) == std::string_view::npos) {
            result += c;
        }
    }
    return result;
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
    CHECK(split_text("hello") == std::vector<std::string>{"hello"});
    CHECK(split_text(" \n hello world \t\n") == std::vector<std::string>{"hello world"});
    CHECK(split_text("").empty());
    CHECK(split_text(" \n\t ").empty());
    CHECK(split_text(repeat("x", 4096)).size() == 1);
    CHECK(split_text(repeat("x", 4097)).size() == 2);
    CHECK(split_text(repeat("😀", 2048)).size() == 1);
    CHECK(split_text(repeat("😀", 2049)).size() == 2);
}

TEST_CASE("telegram: a long text is cut at the end of a line, else between words, else inside a word") {
    using pieces = std::vector<std::string>;
    CHECK(split_text("one two\nthree four", 12) == pieces{"one two", "three four"});
    CHECK(split_text("one two three", 8) == pieces{"one two", "three"});
    CHECK(split_text("one two three", 7) == pieces{"one two", "three"});  // the space is just past what fits
    CHECK(split_text("abcdefghij", 4) == pieces{"abcd", "efgh", "ij"});
    CHECK(split_text("a\nbcdefghijkl", 8) == pieces{"a\nbcdefg", "hijkl"});  // a line break too early to be of use
    CHECK(split_text("one      \n\n   two", 5) == pieces{"one", "two"});
}

TEST_CASE("telegram: a cut is never inside a character") {
    using pieces = std::vector<std::string>;
    CHECK(split_text("a😀😀😀", 4) == pieces{"a😀", "😀😀"});
    CHECK(split_text("äöüß", 2) == pieces{"äö", "üß"});
}

TEST_CASE("telegram: splitting any text loses, doubles and reorders nothing") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::vector<std::string> alphabet{"a", "b", " ", "\n", "ä", "語", "😀", "\t", "zz", "  "};
    for (int round = 0; round < 500; ++round) {
        std::string text;
        const std::size_t length = random() % 200;
        for (std::size_t index = 0; index < length; ++index) {
            text += alphabet[random() % alphabet.size()];
        }
        const std::size_t max_units = 2 + random() % 30;
        CAPTURE(text);
        CAPTURE(max_units);
        std::string joined;
        for (const std::string& piece : split_text(text, max_units)) {
            REQUIRE(utf16_units(piece) <= max_units);
            REQUIRE(piece == trimmed(piece));
            REQUIRE_FALSE(piece.empty());
            REQUIRE(clean_utf8(piece, piece.size()) == piece);
            joined += piece;
        }
        REQUIRE(without_white_space(joined) == without_white_space(text));
    }
}
