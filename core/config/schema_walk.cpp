#include "config/schema_walk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

namespace gateway::config {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 9> holding_one{
    "items", "additionalItems", "contains", "propertyNames", "additionalProperties", "not", "if", "then", "else"};
constexpr std::array<std::string_view, 3> holding_list{"allOf", "anyOf", "oneOf"};
constexpr std::array<std::string_view, 5> holding_map{"properties", "patternProperties", "definitions", "$defs",
                                                      "dependencies"};

void append(schema_nodes& to, const json::value* schema) {
    if (schema != nullptr && schema->is_object()) {
        to.push_back(&schema->get_object());
    }
}

void append_unique(schema_nodes& to, const schema_nodes& from) {
    for (const json::object* node : from) {
        if (std::find(to.begin(), to.end(), node) == to.end()) {
            to.push_back(node);
        }
    }
}

bool matches(std::string_view key, std::string_view pattern) {
    return std::regex_search(key.begin(), key.end(), std::regex{pattern.begin(), pattern.end()});
}

void append_member(schema_nodes& to, const json::object& schema, std::string_view key) {
    bool known = false;
    if (const auto* properties = schema.if_contains("properties"); properties != nullptr && properties->is_object()) {
        if (const auto* property = properties->get_object().if_contains(key)) {
            known = true;
            append(to, property);
        }
    }
    if (const auto* patterns = schema.if_contains("patternProperties"); patterns != nullptr && patterns->is_object()) {
        for (const auto& [pattern, property] : patterns->get_object()) {
            if (matches(key, pattern)) {
                known = true;
                append(to, &property);
            }
        }
    }
    if (!known) {
        append(to, schema.if_contains("additionalProperties"));
    }
}

void append_item(schema_nodes& to, const json::object& schema, std::string_view index) {
    const json::value* items = schema.if_contains("items");
    if (items == nullptr || !items->is_array()) {
        append(to, items);
        return;
    }
    std::size_t at = 0;
    std::from_chars(index.data(), index.data() + index.size(), at);
    append(to, at < items->get_array().size() ? &items->get_array()[at] : schema.if_contains("additionalItems"));
}

}  // namespace

void for_each_schema(json::value& schema, const std::function<void(json::object&)>& visit) {
    if (!schema.is_object()) {
        return;
    }
    json::object& object = schema.get_object();
    visit(object);
    const auto descend_into = [&](std::string_view keyword) {
        json::value* inner = object.if_contains(keyword);
        if (inner == nullptr) {
            return;
        }
        if (inner->is_array()) {
            for (json::value& item : inner->get_array()) {
                for_each_schema(item, visit);
            }
        } else {
            for_each_schema(*inner, visit);
        }
    };
    std::for_each(holding_one.begin(), holding_one.end(), descend_into);
    std::for_each(holding_list.begin(), holding_list.end(), descend_into);
    for (const std::string_view keyword : holding_map) {
        if (json::value* map = object.if_contains(keyword); map != nullptr && map->is_object()) {
            for (auto& member : map->get_object()) {
                for_each_schema(member.value(), visit);
            }
        }
    }
}

const json::value* resolve_reference(const json::value& document, std::string_view reference) {
    if (!reference.starts_with('#')) {
        return nullptr;
    }
    json::error_code error;
    const json::value* found = document.find_pointer(reference.substr(1), error);
    return error ? nullptr : found;
}

schema_nodes beside(const json::value& document, const json::object& schema) {
    schema_nodes result;
    if (const auto* reference = schema.if_contains("$ref"); reference != nullptr && reference->is_string()) {
        append(result, resolve_reference(document, reference->get_string()));
        return result;
    }
    for (const std::string_view keyword : holding_list) {
        if (const auto* list = schema.if_contains(keyword); list != nullptr && list->is_array()) {
            for (const json::value& item : list->get_array()) {
                append(result, &item);
            }
        }
    }
    for (const std::string_view keyword : {"not", "if", "then", "else"}) {
        append(result, schema.if_contains(keyword));
    }
    return result;
}

schema_nodes with_all_beside(const json::value& document, const json::object& schema) {
    schema_nodes result{&schema};
    for (std::size_t i = 0; i < result.size(); ++i) {
        append_unique(result, beside(document, *result[i]));
    }
    return result;
}

schema_nodes descend(const json::value& document, const schema_nodes& from, std::string_view token, bool in_list) {
    schema_nodes direct;
    for (const json::object* schema : from) {
        if (in_list) {
            append_item(direct, *schema, token);
        } else {
            append_member(direct, *schema, token);
        }
    }
    schema_nodes result;
    for (const json::object* schema : direct) {
        append_unique(result, with_all_beside(document, *schema));
    }
    return result;
}

}  // namespace gateway::config
