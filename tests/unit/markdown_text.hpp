// What the tests of the Markdown share: texts with spans in one line, and random ones.
#pragma once

#include "rich_text.hpp"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace gateway::test {

// The text with its spans written into it, for people: "a ‹bold:b› c".
std::string shown(const markdown::rich_text& what);

// A text of up to `max_characters` out of what is hard for Markdown, with up to `max_spans` spans put anywhere. Valid.
markdown::rich_text random_rich_text(std::mt19937& random, std::size_t max_characters, std::size_t max_spans);

// Markdown, or what looks like it.
std::string random_source(std::mt19937& random, std::size_t max_parts);

std::string repeated(std::string_view what, std::size_t bytes);

}  // namespace gateway::test
