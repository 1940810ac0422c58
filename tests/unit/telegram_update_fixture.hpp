// The golden updates, and what one of them became in lines: see support/told_events.hpp.
#pragma once

#include "support/told_events.hpp"
#include "telegram_inbox.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

inline constexpr std::int64_t own_id = 99;
inline constexpr std::array golden_files{"text",  "media",     "words",  "context", "service",
                                         "chats", "reactions", "groups", "slips"};

inline telegram::reading default_reading() {
    return {.own_id = own_id, .username = "our_bot"};
}

inline boost::json::array golden_updates(const std::string& file) {
    std::ifstream opened(std::string(GATEWAY_GOLDEN_DIR "/telegram_in/") + file + ".json");
    REQUIRE(opened.good());
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(opened), {})).as_array();
}

// All that an answer became, without what concerns the offset.
inline std::vector<std::string> lines_of(const telegram::received& all) {
    const told said = read_told(all.events);
    CHECK(said.problem == "");
    std::vector<std::string> lines = said_lines(said.batch);
    for (const std::string& query : all.queries) {
        lines.push_back("answer " + query);
    }
    for (const std::string& what : all.unreadable) {
        lines.push_back("unreadable: " + what);
    }
    if (all.left_out != 0) {
        lines.push_back("left out: " + all.first_left_out);
    }
    if (all.named_only != 0) {
        lines.push_back("only named: " + all.first_named_only);
    }
    if (all.unknown_entities != 0) {
        lines.push_back("unknown entities: " + std::to_string(all.unknown_entities));
    }
    return lines;
}

// As an answer of its own, looked at twice: one picture of an album waits for the others first.
inline telegram::received read_alone(const boost::json::value& update, const telegram::reading& how) {
    telegram::inbox fresh;
    const boost::json::array answer{update};
    telegram::received all = fresh.read(answer, how);
    return all.waits ? fresh.read(answer, how) : std::move(all);
}

}  // namespace gateway::test
