#include "config/schema_sentence.hpp"

#include "config/complaint.hpp"
#include "config/duration.hpp"
#include "config/names.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace gateway::config {
namespace {

namespace json = boost::json;

struct kind_word {
    std::string_view type;
    std::string_view words;
};
constexpr std::array kinds{
    kind_word{"string", "a text"},  kind_word{"integer", "a whole number"}, kind_word{"number", "a number"},
    kind_word{"object", "a table"}, kind_word{"array", "a list"},           kind_word{"boolean", "true or false"},
    kind_word{"null", "absent"},
};

std::string words_for_type(std::string_view type) {
    for (const kind_word& kind : kinds) {
        if (kind.type == type) {
            return std::string{kind.words};
        }
    }
    return std::string{type};
}

std::string words_for_value(const json::value& value) {
    switch (value.kind()) {
        case json::kind::string:
            return "a text";
        case json::kind::int64:
        case json::kind::uint64:
            return "a whole number";
        case json::kind::double_:
            return "a number with a fraction";
        case json::kind::object:
            return "a table";
        case json::kind::array:
            return "a list";
        default:
            return "true or false";
    }
}

bool is_duration(const json::object& schema) {
    const auto* format = schema.if_contains("format");
    return format != nullptr && *format == "duration";
}

// The first schema that has the keyword, and what it says there.
const json::value* keyword(const schema_nodes& schemas, std::string_view name) {
    for (const json::object* schema : schemas) {
        if (const auto* found = schema->if_contains(name)) {
            return found;
        }
    }
    return nullptr;
}

std::vector<std::string> allowed_types(const json::object& schema) {
    const auto* type = schema.if_contains("type");
    if (type == nullptr) {
        return {};
    }
    std::vector<std::string> result;
    if (type->is_string()) {
        result.push_back(is_duration(schema) ? "a duration such as \"30s\"" : words_for_type(type->get_string()));
    } else if (type->is_array()) {
        for (const json::value& one : type->get_array()) {
            result.push_back(one.is_string() ? words_for_type(one.get_string()) : "something else");
        }
    }
    return result;
}

std::vector<std::string> literals(const json::value& list) {
    std::vector<std::string> result;
    if (list.is_array()) {
        for (const json::value& one : list.get_array()) {
            result.push_back(json::serialize(one));
        }
    } else {
        result.push_back(json::serialize(list));
    }
    return result;
}

// What would fit one of several allowed forms.
std::vector<std::string> allowed_forms(const json::object& schema) {
    if (const auto* words = schema.if_contains("enum")) {
        return literals(*words);
    }
    if (const auto* word = schema.if_contains("const")) {
        return {json::serialize(*word)};
    }
    if (is_duration(schema)) {
        return {"a duration such as \"30s\""};
    }
    return allowed_types(schema);
}

bool type_allows(std::string_view type, const json::value& value) {
    switch (value.kind()) {
        case json::kind::string:
            return type == "string";
        case json::kind::int64:
        case json::kind::uint64:
            return type == "integer" || type == "number";
        case json::kind::double_:
            return type == "number";
        case json::kind::object:
            return type == "object";
        case json::kind::array:
            return type == "array";
        default:
            return type == "boolean";
    }
}

std::string wrong_type_text(const json::value& value, const schema_nodes& schemas) {
    std::vector<std::string> right;
    bool text_allowed = false;
    for (const json::object* schema : schemas) {
        const auto* type = schema->if_contains("type");
        const json::array one = type == nullptr    ? json::array{}
                                : type->is_array() ? type->get_array()
                                                   : json::array{*type};
        const bool fits = std::any_of(one.begin(), one.end(), [&](const json::value& name) {
            return name.is_string() && type_allows(name.get_string(), value);
        });
        if (!one.empty() && !fits) {
            right = allowed_types(*schema);
            text_allowed = std::find(one.begin(), one.end(), "string") != one.end();
            break;
        }
    }
    std::string text = "is " + words_for_value(value) + ", but must be " + list_words(right, "or");
    if (text_allowed && value.is_object()) {
        text += ", or a secret's source: { env = \"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }";
    }
    return text;
}

std::string no_form_text(const schema_nodes& schemas, std::string_view list_keyword) {
    std::vector<std::string> forms;
    if (const auto* list = keyword(schemas, list_keyword); list != nullptr && list->is_array()) {
        for (const json::value& form : list->get_array()) {
            if (form.is_object()) {
                for (std::string& words : allowed_forms(form.get_object())) {
                    if (std::find(forms.begin(), forms.end(), words) == forms.end()) {
                        forms.push_back(std::move(words));
                    }
                }
            }
        }
    }
    return forms.empty() ? "fits none of the forms that the adapter takes" : "must be " + list_words(forms, "or");
}

// The keys of a table that no schema with "additionalProperties": false knows.
std::vector<sentence> unknown_keys(const json::value& value, const schema_nodes& schemas, bool is_root) {
    std::vector<sentence> result;
    for (const json::object* schema : schemas) {
        const auto* additional = schema->if_contains("additionalProperties");
        if (additional == nullptr || *additional != false || !value.is_object()) {
            continue;
        }
        std::vector<std::string> known;
        if (is_root) {
            known.assign(host_keys.begin(), host_keys.end());
        }
        std::vector<std::regex> patterns;
        if (const auto* properties = schema->if_contains("properties");
            properties != nullptr && properties->is_object()) {
            for (const auto& property : properties->get_object()) {
                known.emplace_back(property.key());
            }
        }
        if (const auto* list = schema->if_contains("patternProperties"); list != nullptr && list->is_object()) {
            for (const auto& pattern : list->get_object()) {
                patterns.emplace_back(std::string{pattern.key()});
            }
        }
        for (const auto& member : value.get_object()) {
            const std::string key{member.key()};
            const bool is_known = std::find(known.begin(), known.end(), key) != known.end() ||
                                  std::any_of(patterns.begin(), patterns.end(), [&](const std::regex& pattern) {
                                      return std::regex_search(key, pattern);
                                  });
            if (!is_known) {
                result.push_back({key, "unknown key" + suggestion(key, known)});
            }
        }
    }
    return result;
}

// The schema's own words for what stands there. A regular expression is no such words.
std::string what_belongs(const schema_nodes& schemas, std::string_view lead, std::string_view otherwise) {
    const auto* words = keyword(schemas, "description");
    return words != nullptr && words->is_string() ? std::string{lead}.append(words->get_string())
                                                  : std::string{otherwise};
}

schema_nodes property_schemas(const schema_nodes& schemas, const std::string& key) {
    schema_nodes result;
    for (const json::object* schema : schemas) {
        const auto* properties = schema->if_contains("properties");
        const auto* property =
            properties != nullptr && properties->is_object() ? properties->get_object().if_contains(key) : nullptr;
        if (property != nullptr && property->is_object()) {
            result.push_back(&property->get_object());
        }
    }
    return result;
}

std::string pattern_text(const json::value& value, const schema_nodes& schemas) {
    const bool duration = std::any_of(schemas.begin(), schemas.end(), [](const auto* s) { return is_duration(*s); });
    if (duration && value.is_string()) {
        auto parsed = parse_duration(value.get_string());
        return parsed ? "is a duration with too many digits; use a larger unit" : parsed.error().text;
    }
    return "does not have the form that the adapter asks for" + what_belongs(schemas, ": ", "; see its documentation");
}

// Limits: how the validator begins, the schema's keyword, and how we say it.
struct limit {
    std::string_view begins;
    std::string_view keyword;
    std::string_view before;
    std::string_view after;
};
constexpr std::array limits{
    limit{"Expected number less than or equal", "maximum", "must be at most ", ""},
    limit{"Expected number less than", "exclusiveMaximum", "must be less than ", ""},
    limit{"Expected number greater than or equal", "minimum", "must be at least ", ""},
    limit{"Expected number greater than", "exclusiveMinimum", "must be more than ", ""},
    limit{"Array should contain no more", "maxItems", "has too many entries; at most ", " are allowed"},
    limit{"Array should contain no fewer", "minItems", "has too few entries; at least ", " are needed"},
    limit{"String should be no more", "maxLength", "is too long; at most ", " characters are allowed"},
    limit{"String should be no fewer", "minLength", "is too short; at least ", " characters are needed"},
    limit{"Object should have no more", "maxProperties", "has too many keys; at most ", " are allowed"},
    limit{"Object should have no fewer", "minProperties", "has too few keys; at least ", " are needed"},
    limit{"Value should be a multiple", "multipleOf", "must be a multiple of ", ""},
};

// What stands between the first pair of single quotes.
std::string quoted(std::string_view words) {
    const auto start = words.find('\'');
    const auto end = words.rfind('\'');
    return start == end ? std::string{} : std::string{words.substr(start + 1, end - start - 1)};
}

std::string text_for(std::string_view words, const json::value& value, const schema_nodes& schemas) {
    if (words.starts_with("String should be no fewer") && value.is_string() && value.get_string().empty()) {
        return "is empty" + what_belongs(schemas, ": ", "");
    }
    for (const limit& limit : limits) {
        const auto* bound = words.starts_with(limit.begins) ? keyword(schemas, limit.keyword) : nullptr;
        if (bound != nullptr) {
            return std::string{limit.before}.append(json::serialize(*bound)).append(limit.after);
        }
    }
    if (words.starts_with("Value type not permitted")) {
        return wrong_type_text(value, schemas);
    }
    if (words.starts_with("Missing dependency")) {
        return "needs the key '" + quoted(words) + "' beside the others";
    }
    if (const auto* list = keyword(schemas, "enum");
        list != nullptr && words.starts_with("Failed to match against any")) {
        return "must be " + list_words(literals(*list), "or");
    }
    if (const auto* one = keyword(schemas, "const");
        one != nullptr && words.find("'const'") != std::string_view::npos) {
        return "must be " + json::serialize(*one);
    }
    if (words.starts_with("Failed to match regex")) {
        return pattern_text(value, schemas);
    }
    if (words.find("anyOf") != std::string_view::npos) {
        return no_form_text(schemas, "anyOf");
    }
    if (words.find("oneOf") != std::string_view::npos) {
        return no_form_text(schemas, "oneOf");
    }
    if (words.starts_with("Failed to validate against exactly one")) {
        return "fits more than one of the forms of which the adapter takes exactly one";
    }
    if (words.starts_with("Elements at indexes")) {
        return "has an entry twice; each may stand only once";
    }
    return "is not what the adapter takes: " + std::string{words};
}

bool is_choice(std::string_view words) {
    return words.find("anyOf constraint") != std::string_view::npos ||
           words.find("oneOf constraint") != std::string_view::npos;
}

bool is_echo(std::string_view words) {
    constexpr std::array<std::string_view, 7> beginnings{
        "Failed to validate against schema associated with",
        "Failed to validate against additional properties schema",
        "Failed to validate item #",
        "Failed to validate against child schema",
        "Failed to validate against a conditional",
        "Failed to validate against dependent schema",
        "Failed to validate against additional items",
    };
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view b) { return words.starts_with(b); });
}

bool lies_within(const objection& inner, const objection& outer) {
    return inner.tokens.size() >= outer.tokens.size() &&
           std::equal(outer.tokens.begin(), outer.tokens.end(), inner.tokens.begin());
}

}  // namespace

std::vector<objection> without_echoes(std::vector<objection> objections) {
    std::vector<objection> result;
    for (objection& next : objections) {
        if (is_choice(next.words)) {
            while (!result.empty() && lies_within(result.back(), next)) {
                result.pop_back();
            }
            result.push_back(std::move(next));
            continue;
        }
        const bool explained = std::any_of(result.begin(), result.end(),
                                           [&](const objection& earlier) { return lies_within(earlier, next); });
        if (!is_echo(next.words) || !explained) {
            result.push_back(std::move(next));
        }
    }
    return result;
}

std::vector<sentence> sentences(const objection& objection, const json::value& value, const schema_nodes& schemas) {
    if (objection.words.starts_with("Object contains a property")) {
        return unknown_keys(value, schemas, objection.tokens.empty());
    }
    if (objection.words.starts_with("Missing required property")) {
        const std::string key = quoted(objection.words);
        return {
            {key, "is missing, and this adapter needs it" + what_belongs(property_schemas(schemas, key), ": ", "")}};
    }
    return {{"", text_for(objection.words, value, schemas)}};
}

}  // namespace gateway::config
