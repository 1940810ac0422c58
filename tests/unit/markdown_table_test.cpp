// The gateway's Markdown, by example.
#include "markdown_reader.hpp"
#include "markdown_writer.hpp"
#include "unit/markdown_text.hpp"
#include "utf8.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace gateway;
using namespace gateway::test;
using markdown::style;

namespace {

struct example {
    std::string_view source;
    std::string_view wanted;  // as `shown`
};

}  // namespace

TEST_CASE("markdown: each form is read as what the dialect says") {
    const std::vector<example> table{
        {"**b** __b__ *i* _i_ ~~s~~ <u>u</u>", "‹bold:b› ‹bold:b› ‹italic:i› ‹italic:i› ‹strike:s› ‹underline:u›"},
        {"***x*** **_x_**", "‹italic:‹bold:x›› ‹bold:‹italic:x››"},
        {"<b>b</b><strong>b</strong><i>i</i><em>i</em><ins>u</ins><del>s</del><strike>s</strike><tg-spoiler>p</"
         "tg-spoiler>",
         "‹bold:b›‹bold:b›‹italic:i›‹italic:i›‹underline:u›‹strike:s›‹strike:s›‹spoiler:p›"},
        // Spoilers: two bars, in pairs, within one parent.
        {"||a|| b || c", "‹spoiler:a› b || c"},
        {R"(\||a|| \|\|b||)", "||a‹spoiler: ||b›"},
        {"|||a||| ||||", "|||a||| ||||"},
        {"||a **b|| c**", "||a ‹bold:b|| c›"},
        {"**||a||**", "‹bold:‹spoiler:a››"},
        {"||a\n\nb||", "||a⏎⏎b||"},
        {"`a||b||c`", "‹code:a||b||c›"},
        // Links, mentions, emoji, images.
        {"[a](https://x.y) [b](tg://user?id=1) <https://z.w>",
         "‹link=https://x.y:a› ‹link=tg://user?id=1:b› ‹link=https://z.w:https://z.w›"},
        {"![👍](tg://emoji?id=5) ![alt](https://x.y/z.png) ![](https://x.y)",
         "‹emoji=tg://emoji?id=5:👍› ‹link=https://x.y/z.png:alt› ‹link=https://x.y:https://x.y›"},
        {"[r] [r][] [q]\n\n[r]: https://x.y", "‹link=https://x.y:r› ‹link=https://x.y:r› [q]"},
        {"https://a_b.c/x_y_ www.x.y", "https://a_b.c/x_y_ www.x.y"},
        // Lines.
        {"a\nb  \nc\\\nd", "a⏎b⏎c⏎d"},
        {"a\n\nb\n\n\n\nc", "a⏎⏎b⏎⏎c"},
        {"    a", "a"},
        {"&#32;a&#32;\n&#10;b", " a ⏎⏎b"},
        // Blocks.
        {"# T **x**\ntext", "‹bold:T x›⏎text"},
        {"a\n***\nb", "a⏎———⏎b"},
        {"- a\n- b\n  - c\n    d\n\n      e\n- [ ] f\n- [x] g", "• a⏎• b⏎  • c⏎    d⏎⏎    e⏎☐ f⏎☑ g"},
        {"7. a\n8. b", "7. a⏎8. b"},
        {"> a\n> b\n\nc", "‹quote:a⏎b›⏎c"},
        {"> a\n>\n> > b\n\n\nc", "‹quote:a⏎⏎b›⏎⏎c"},
        {"a\n> b", "a⏎‹quote:b›"},
        {"- > q\n\n> - i", "• ‹quote:q›⏎‹quote:• i›"},
        {"<blockquote>a</blockquote> b", "‹quote:a› b"},
        {"<blockquote expandable>\na\n\nb\n\n- c\n\n</blockquote>\nd", "‹expandable:a⏎⏎b⏎⏎• c›⏎d"},
        {"<blockquote expandable>\na", "<blockquote expandable>⏎a"},
        {"```go\n\tx\n  y\n\n```\nz", "‹pre=go:‹9›x⏎  y⏎›⏎z"},
        {"a\n~~~\n```\n~~~", "a⏎‹pre:```›"},
        {"<pre language=\"c++\">x</pre> <code>y*z</code>", "‹pre=c++:x› ‹code:y*z›"},
        {"|A|Bee|\n|---|--:|\n|語|1|\n|x **y**|`2`<br>3|\n\nend", "‹pre:A   | Bee⏎----+----⏎語  |   1⏎x y | 2 3›⏎⏎end"},
        // What is no markup is text.
        {"<x> </b> <b> a<b c", "<x> </b> <b> a<b c"},
        {"<b>a <i>b</b></i>", "‹bold:a <i>b›</i>"},
        {"&amp;&copy;&unknown;&#0;&#xD800;&#x41;",
         "&©&unknown;\xef\xbf\xbd\xef\xbf\xbd"
         "A"},
        {"<b></b> <u><u></u>x</u>", "<b></b> ‹underline:<u></u>x›"},
        {"a<br>b", "a⏎b"},
        {"**a", "**a"},
        {"", ""},
        {"\n\n", ""},
        // Nothing is inside itself, and nothing inside code.
        {"**a <b>b</b> c**", "‹bold:a b c›"},
        {"[a ![b](https://x.y) c](https://z.w)", "‹link=https://z.w:a b c›"},
        // md4c's slip: it leaves what it did not enter.
        {"*[x](y*)* z\n\nz", "‹italic:‹link=y*:x›* z›⏎⏎z"},
    };
    for (const example& each : table) {
        CAPTURE(each.source);
        CHECK(shown(markdown::read(each.source)) == each.wanted);
    }
}

TEST_CASE("markdown: ordinary prose is written as it is") {
    for (const std::string_view text :
         {"a_b, snake_case_name and 1.5", "C++ * 2 * 3", "e.g. - so", "Just ~5 minutes", "one `", "a || b",
          "2 < 3 & 4 > 1", "see [1] and (2)", "What?! #tag @name", "https://example.org/a_b?c=d&e=f#g", "a\nb\n\nc",
          "path C:\\dir\\file", "50% | half | x", "Straße «groß» – 語", "-5 +3 =x #1 .5", "100$ {x} \"q\" 'r'"}) {
        CHECK(markdown::write({std::string(text), {}}) == text);
    }
}

TEST_CASE("markdown: styles are written in their short forms where those are certain") {
    const auto written = [](std::string text, std::vector<markdown::span> spans) {
        return markdown::write({std::move(text), std::move(spans)});
    };
    CHECK(written("a bold b", {{style::bold, 2, 6}}) == "a **bold** b");
    CHECK(written("unbelievable", {{style::bold, 2, 9}}) == "un**believa**ble");
    CHECK(written("unbelievable", {{style::italic, 2, 9}}) == "un<i>believa</i>ble");
    CHECK(written("a x ", {{style::bold, 1, 4}}) == "a<b> x&#32;</b>");
    CHECK(written("ab", {{style::bold, 0, 1}, {style::bold, 1, 2}}) == "**a**<b>b</b>");
    CHECK(written("x", {{style::bold, 0, 1}, {style::italic, 0, 1}, {style::strike, 0, 1}, {style::spoiler, 0, 1}}) ==
          "**_~~||x||~~_**");
    CHECK(written("x y", {{style::link, 0, 1, "tg://user?id=1"}, {style::custom_emoji, 2, 3, "tg://emoji?id=2"}}) ==
          "[x](tg://user?id=1) ![y](tg://emoji?id=2)");
    CHECK(written("q\nr", {{style::quote, 0, 1}}) == "> q\n\nr");
    CHECK(written("q\n\nr\ns", {{style::expandable_quote, 0, 4}}) ==
          "<blockquote expandable>\nq\n\nr\n</blockquote>\ns");
    CHECK(written("a\n\n\tx\nb", {{style::code_block, 3, 5, "go"}}) == "a\n\n```go\n\tx\n```\nb");
    CHECK(written("a x b", {{style::code_block, 2, 3, "c"}}) == "a <pre language=\"c\">x</pre> b");
    CHECK(written("a`b", {{style::code, 0, 3}}) == "``a`b``");
    CHECK(written("- a\n1. b\n# c\n> d", {}) == "\\- a\n1\\. b\n\\# c\n\\> d");
    CHECK(written("a <\nb:c> <@d> < e", {}) == "a \\<\nb:c> \\<@d> < e");
    CHECK(written("q r", {{style::link, 0, 1, "u r=\">"}, {style::link, 2, 3, "a(b)_"}}) ==
          "[q](u&#32;r=\"\\>) [r](a\\(b\\)\\_)");
    CHECK(written(" a \n\n\nb\n", {}) == "&#32;a&#32;\n\n&#10;b&#10;");
}

TEST_CASE("markdown: spans that are no good are mended") {
    using spans = std::vector<markdown::span>;
    const auto mended = [](std::string text, spans given) {
        const markdown::rich_text result = markdown::normalized({std::move(text), std::move(given)});
        CHECK(markdown::is_valid(result));
        return shown(result);
    };
    CHECK(mended("abcdef", {{style::bold, 0, 4}, {style::italic, 2, 6}}) == "‹bold:ab‹italic:cd››‹italic:ef›");
    CHECK(mended("abcdef", {{style::bold, 0, 4}, {style::bold, 2, 6}}) == "‹bold:abcd›‹bold:ef›");
    CHECK(mended("abcdef", {{style::code, 1, 4}, {style::bold, 0, 6}, {style::italic, 2, 3}}) ==
          "‹bold:a‹code:bcd›ef›");
    CHECK(mended("語x", {{style::bold, 1, 2}, {style::italic, 1, 99}, {style::bold, 50, 60}}) == "語‹italic:x›");
    CHECK(mended("x", {{style::link, 0, 1, ""}, {style::link, 0, 1, "a\nb"}, {style::bold, 0, 0}}) == "x");
    CHECK(mended("x", {{style::code_block, 0, 1, "c \"x"}, {style::quote, 0, 1}}) == "‹pre=cx:x›");
    CHECK(mended("x", {{style::quote, 0, 1}, {style::expandable_quote, 0, 1}}) == "‹quote:x›");
}

TEST_CASE("markdown: what is not UTF-8 becomes so") {
    CHECK(shown(markdown::read("**a\xff**")) == "‹bold:a\xef\xbf\xbd›");
    CHECK(shown(markdown::read(std::string_view("`\0`", 3))) == "‹code:\xef\xbf\xbd›");
    CHECK(markdown::read(std::string_view("a\0b", 3)).text ==
          "a\xef\xbf\xbd"
          "b");
}

TEST_CASE("markdown: 64 KiB of anything take no longer than 64 KiB of text") {
    // No clock: what takes quadratic time runs into the test's time limit.
    for (const std::string_view part : {"*",
                                        "_",
                                        "~",
                                        "`",
                                        "|",
                                        "||",
                                        "[",
                                        "]",
                                        "(",
                                        "<",
                                        ">",
                                        "&",
                                        "\\",
                                        "#",
                                        "-",
                                        "+ * ",
                                        "1. ",
                                        "> ",
                                        "!",
                                        "=",
                                        ".",
                                        "\t",
                                        " ",
                                        "\n",
                                        "[a](",
                                        "![",
                                        "](",
                                        "**a ",
                                        "a** ",
                                        "_a ",
                                        "<b>",
                                        "</b>",
                                        "<u>a",
                                        "||a ",
                                        "&#",
                                        "<!--",
                                        "`a",
                                        "a\n",
                                        "[a]\n",
                                        "- a\n",
                                        "> a\n\n",
                                        "```\n",
                                        "|a",
                                        "<blockquote>",
                                        "<blockquote>\n\n",
                                        "</blockquote>\n\n",
                                        "*[x](y*) ",
                                        "&#10;",
                                        "[a]: b\n",
                                        "    - a\n",
                                        "🏽",
                                        "e\u0301"}) {
        CAPTURE(part);
        const std::string source = repeated(part, markdown::max_source_bytes);
        CHECK(markdown::is_valid(markdown::read(source)));
        const markdown::rich_text plain{source, {}};
        const std::string written = markdown::write(plain);
        CHECK(written.size() <= 6 * source.size());
        if (written.size() <= markdown::max_source_bytes) {
            CHECK(markdown::read(written) == plain);
        }
    }
}

TEST_CASE("markdown: a source that would cost too much is taken literally") {
    const std::string nested = repeated("+ * ", 4'000) + "x";
    CHECK(markdown::read(nested) == markdown::rich_text{nested, {}});
    const std::string table = repeated("|a", 8'000) + "\n" + repeated("|---", 16'000) + "\n" + repeated("|\n", 8'000);
    CHECK(markdown::read(table) == markdown::rich_text{table, {}});
    const std::string line(300, '-');  // no marks of lists
    CHECK(shown(markdown::read(line + "+**b**")) == line + "+‹bold:b›");
    const std::string large(markdown::max_source_bytes + 1, '*');
    CHECK(markdown::read(large) == markdown::rich_text{large, {}});
    const std::string brackets = repeated("|\n", 20'000) + repeated("[a](", 20'000);
    CHECK(markdown::read(brackets) == markdown::rich_text{brackets, {}});
    const markdown::rich_text plain{repeated("[\n", 8'000) + "x", {}};  // escaped ones cost nothing
    CHECK(markdown::read(markdown::write(plain)) == plain);
    const std::string url(4'000, 'u');
    const std::string explosive = repeated("[a] ", 30'000) + "\n\n[a]: " + url;
    std::size_t bytes = 0;
    for (const markdown::span& each : markdown::read(explosive).spans) {
        bytes += each.data.size();
    }
    CHECK(bytes > 200'000);
    CHECK(bytes <= markdown::max_urls_bytes);
}

TEST_CASE("markdown: a plain text is told at a glance, and only a plain one") {
    for (const std::string_view plain : {"hello", "Hello, world! (1.5)", "a\nb\n\nc", "語 – ß", ""}) {
        CHECK(markdown::is_plain(plain));
    }
    for (const std::string_view other : {"a*", "- a", "1. a", "# a", " a", "a ", "a \nb", "a\n", "\na", "a\n\n\nb",
                                         "> a", "a&b", "a\tb", "---", "a\n==="}) {
        CHECK_FALSE(markdown::is_plain(other));
    }
}

TEST_CASE("utf8: a boundary between graphemes is found at or before a place") {
    const auto boundary = [](std::string_view text, std::size_t at) { return utf8::grapheme_boundary(text, at); };
    CHECK(boundary("ab", 1) == 1);
    CHECK(boundary("ae\u0301b", 2) == 1);      // a combining mark
    CHECK(boundary("a👩‍💻b", 5) == 1);  // before the joiner
    CHECK(boundary("a👩‍💻b", 8) == 1);  // after the joiner
    CHECK(boundary("👍🏽", 4) == 0);           // a skin tone
    CHECK(boundary("❤️", 3) == 0);              // a variation selector
    CHECK(boundary("🇩🇪🇫🇷", 4) == 0);           // half a flag
    CHECK(boundary("🇩🇪🇫🇷", 8) == 8);           // between flags
    CHECK(boundary("नि", 3) == 0);             // a vowel sign
    CHECK(boundary("a\r\nb", 2) == 1);
    const auto endless = std::string("a").append(repeated("\u0301", 400));
    CHECK(boundary(endless, 301) == 301);  // too far to look
}
