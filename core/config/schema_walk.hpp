// Finds one's way in a JSON Schema: what applies to a value at a place, in which order schemas lead to each other.
//
// Pure, on a checked schema (see schema.cpp): references resolve and do not form a loop without descending into the
// value. Pointers stay valid as long as the document.
#pragma once

#include <boost/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

using schema_nodes = std::vector<const boost::json::object*>;

// Calls `visit` for each schema in the document that is an object, the outermost first.
void for_each_schema(boost::json::value& schema, const std::function<void(boost::json::object&)>& visit);

// What a "$ref" names within the document; nothing when it names nothing there.
const boost::json::value* resolve_reference(const boost::json::value& document, std::string_view reference);

// The schemas that speak about the same value as `schema` does: $ref, or allOf, anyOf, oneOf, not, if, then, else.
schema_nodes beside(const boost::json::value& document, const boost::json::object& schema);

// `schema` and all that is beside it, directly or through others.
schema_nodes with_all_beside(const boost::json::value& document, const boost::json::object& schema);

// From the schemas of a table or a list to those of its member `token` (a key, or an index of a list).
schema_nodes descend(const boost::json::value& document, const schema_nodes& from, std::string_view token,
                     bool in_list);

}  // namespace gateway::config
