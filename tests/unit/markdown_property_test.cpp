// The gateway's Markdown under everything.
#include "markdown_reader.hpp"
#include "markdown_writer.hpp"
#include "unit/markdown_text.hpp"
#include "utf8.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

using namespace gateway;
using namespace gateway::test;

namespace {

// Where the two differ, for people.
void check_round_trip(const markdown::rich_text& made) {
    const std::string written = markdown::write(made);
    const markdown::rich_text back = markdown::read(written);
    const std::string wanted = shown(made);
    const std::string got = shown(back);
    const auto differs = static_cast<std::size_t>(
        std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end()).first - wanted.begin());
    CAPTURE(written);
    CAPTURE(wanted.substr(differs < 20 ? 0 : differs - 20, 60));
    CAPTURE(got.substr(differs < 20 ? 0 : std::min(differs - 20, got.size()), 60));
    REQUIRE(back == made);
}

}  // namespace

TEST_CASE("markdown: every text with any spans comes back as it was written") {
    const std::uint32_t seed = 1;  // always the same texts: tests/fuzz looks for others
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (std::size_t round = 0; round < 6'000; ++round) {
        check_round_trip(random_rich_text(random, 2 + round % 60, round % 9));
    }
    for (int round = 0; round < 20; ++round) {
        check_round_trip(random_rich_text(random, 3'000, 200));
    }
}

TEST_CASE("markdown: any source becomes a valid text, which comes back as it was written") {
    const std::uint32_t seed = 1;  // always the same texts: tests/fuzz looks for others
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (std::size_t round = 0; round < 6'000; ++round) {
        const std::string source = random_source(random, 2 + static_cast<std::size_t>(round) % 60);
        CAPTURE(source);
        const markdown::rich_text read = markdown::read(source);
        REQUIRE(utf8::is_valid(read.text));
        REQUIRE(markdown::is_valid(read));
        check_round_trip(read);
    }
}
