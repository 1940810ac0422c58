#include "unit/markdown_text.hpp"

#include "utf8.hpp"

#include <array>
#include <vector>

namespace gateway::test {
namespace {

using markdown::rich_text;
using markdown::span;
using markdown::style;

constexpr std::array<std::string_view, markdown::style_count> names{
    "bold", "italic", "underline", "strike", "spoiler", "quote", "expandable", "link", "code", "pre", "emoji"};

constexpr std::array<std::string_view, 78> characters{"a",       "b",
                                                      "c",       "x1",
                                                      "Word",    "word",
                                                      "é",       "ß",
                                                      "я",       "語",
                                                      "文",      "😀",
                                                      "👍🏽",    "«",
                                                      "»",       "—",
                                                      "\u00a0",  "\u3000",
                                                      "e\u0301", "\u200d",
                                                      "\u2028",  "\ufeff",
                                                      " ",       " ",
                                                      " ",       "  ",
                                                      "    ",    "\n",
                                                      "\n",      "\n\n",
                                                      "\n\n\n",  "\t",
                                                      "\r",      "\x01",
                                                      "\v",      "\f",
                                                      "\x7f",    "\\",
                                                      "*",       "**",
                                                      "_",       "__",
                                                      "~",       "~~",
                                                      "~~~",     "`",
                                                      "``",      "```",
                                                      "|",       "||",
                                                      "|||",     "[",
                                                      "]",       "(",
                                                      ")",       "](",
                                                      "![",      "<",
                                                      ">",       "<b>",
                                                      "</b>",    "<blockquote>",
                                                      "&",       "&amp;",
                                                      "&#10;",   "#",
                                                      "# ",      "- ",
                                                      "-",       "---",
                                                      "+ ",      "1. ",
                                                      "2) ",     "===",
                                                      ":",       "!",
                                                      "|-",      "[a]: b"};

constexpr std::array<std::string_view, 44> parts{"word ",
                                                 "a",
                                                 "é",
                                                 "😀",
                                                 " ",
                                                 "  ",
                                                 "\n",
                                                 "\n\n",
                                                 "    ",
                                                 "\t",
                                                 "**",
                                                 "*",
                                                 "_",
                                                 "~~",
                                                 "||",
                                                 "`",
                                                 "```\n",
                                                 "```c\n",
                                                 "> ",
                                                 ">",
                                                 "- ",
                                                 "- [ ] ",
                                                 "1. ",
                                                 "# ",
                                                 "## ",
                                                 "---\n",
                                                 "===\n",
                                                 "|a|b|\n|-|-|\n|1|2|\n",
                                                 "[",
                                                 "](u)",
                                                 "![",
                                                 "](tg://emoji?id=5)",
                                                 "<b>",
                                                 "</b>",
                                                 "<blockquote expandable>",
                                                 "</blockquote>",
                                                 "<br>",
                                                 "<pre language=\"c\">",
                                                 "</pre>",
                                                 "&#10;",
                                                 "&amp;",
                                                 "\\",
                                                 "[a]: b\n",
                                                 "<https://a.b>"};

constexpr std::array<std::string_view, 8> urls{"https://example.org/a_b?c=d&e=f",
                                               "tg://user?id=1",
                                               "a b",
                                               "<>",
                                               "x)y(z",
                                               "\\\\*&amp;`[]",
                                               "é",
                                               "https://a.b/~x|y||z"};

std::string data_for(style what, std::mt19937& random) {
    switch (what) {
        case style::link:
            return std::string(urls[random() % urls.size()]);
        case style::custom_emoji:
            return random() % 2 == 0 ? "tg://emoji?id=5368324170671202286" : "x://emoji/<1>";
        case style::code_block:
            return random() % 2 == 0 ? "" : random() % 2 == 0 ? "c++" : "python";
        default:
            return {};
    }
}

}  // namespace

std::string shown(const rich_text& what) {
    std::string result;
    std::vector<std::size_t> open;
    std::size_t next = 0;
    for (std::size_t at = 0; at <= what.text.size(); ++at) {
        while (!open.empty() && open.back() == at) {
            result += "›";
            open.pop_back();
        }
        while (next < what.spans.size() && what.spans[next].begin == at) {
            const span& each = what.spans[next++];
            result.append("‹").append(names[static_cast<std::size_t>(each.what)]);
            result.append(each.data.empty() ? ":" : "=" + each.data + ":");
            open.push_back(each.end);
        }
        if (at < what.text.size()) {
            const char c = what.text[at];
            const auto code = std::to_string(static_cast<int>(c));
            result += c == '\n' ? "⏎" : c >= 0 && c < ' ' ? "‹" + code + "›" : std::string(1, c);
        }
    }
    return result;
}

rich_text random_rich_text(std::mt19937& random, std::size_t max_characters, std::size_t max_spans) {
    rich_text made;
    const std::size_t count = random() % (max_characters + 1);
    for (std::size_t index = 0; index < count; ++index) {
        made.text += characters[random() % characters.size()];
    }
    const std::size_t spans = random() % (max_spans + 1);
    for (std::size_t index = 0; index < spans && !made.text.empty(); ++index) {
        const auto what = static_cast<style>(random() % markdown::style_count);
        std::size_t begin = random() % made.text.size();
        std::size_t end = begin + 1 + random() % (random() % 3 == 0 ? made.text.size() : 12);
        if (random() % 3 == 0) {  // whole lines
            begin = made.text.rfind('\n', begin) + 1;
            end = std::min(made.text.find('\n', end), made.text.size());
        }
        made.spans.push_back({what, begin, end, data_for(what, random)});
    }
    return markdown::normalized(std::move(made));
}

std::string random_source(std::mt19937& random, std::size_t max_parts) {
    std::string made;
    const std::size_t count = random() % (max_parts + 1);
    for (std::size_t index = 0; index < count; ++index) {
        made += parts[random() % parts.size()];
    }
    return made;
}

std::string repeated(std::string_view what, std::size_t bytes) {
    std::string result;
    while (result.size() + what.size() <= bytes) {
        result += what;
    }
    return result;
}

}  // namespace gateway::test
