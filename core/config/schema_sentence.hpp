// Says in one sentence what a schema has against a value, and what would be right.
//
// Pure. Sentences hold the schema's words (types, limits, allowed words, keys), never the value.
#pragma once

#include "config/schema_walk.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

// One objection of the validator: the way to the value, and its own words.
struct objection {
    std::vector<std::string> tokens;
    std::string words;
};

struct sentence {
    std::string key;  // set when the sentence is about a key of the table at the objection's place, there or missing
    std::string text;
};

// Leaves out what only repeats another objection: "item 3 failed" beside the reason, or each reason why one of several
// allowed forms did not fit.
std::vector<objection> without_echoes(std::vector<objection> objections);

// `schemas` are those that apply to `value`. More than one sentence only for unknown keys: one for each.
std::vector<sentence> sentences(const objection& objection, const boost::json::value& value,
                                const schema_nodes& schemas);

}  // namespace gateway::config
