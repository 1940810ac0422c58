#include "config/schema.hpp"

#include "config/schema_sentence.hpp"
#include "config/schema_walk.hpp"

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <regex>
#include <unordered_map>

static_assert(VALIJSON_USE_EXCEPTIONS, "otherwise valijson aborts the process over a schema that it does not like");

namespace gateway::config {

struct schema::impl {
    boost::json::value document;  // as the module wrote it
    valijson::Schema rules;
};

namespace {

namespace json = boost::json;

constexpr std::size_t max_schema_bytes = 65'536;
constexpr std::size_t max_schema_depth = 64;
// Values nested as deep as document.hpp allows, each reached by a key of as many parts as it allows.
constexpr std::size_t max_settings_depth = 2048;
// std::regex needs stack for each character of what it looks at.
constexpr std::size_t max_matched_bytes = 1024;

using settings_visitor = std::function<void(const json::value&, const schema_nodes&, const std::vector<std::string>&)>;

json::parse_options with_depth(std::size_t depth) {
    json::parse_options options;
    options.max_depth = depth;
    return options;
}

// Which schemas are being followed and which are done, to find a loop that never descends into the value.
enum class visit : std::uint8_t { open, done };
using visits = std::unordered_map<const json::object*, visit>;

bool has_loop(const json::value& document, const json::object& schema, visits& seen) {
    const auto [at, is_new] = seen.emplace(&schema, visit::open);
    if (!is_new) {
        return at->second == visit::open;
    }
    for (const json::object* next : beside(document, schema)) {
        if (has_loop(document, *next, seen)) {
            return true;
        }
    }
    seen[&schema] = visit::done;
    return false;
}

std::optional<std::string> bad_pattern(std::string_view pattern) {
    try {
        const std::regex compiled{pattern.begin(), pattern.end()};
        return std::nullopt;
    } catch (const std::regex_error& error) {
        return "has the pattern '" + std::string{pattern} + "', which is no regular expression: " + error.what();
    }
}

std::optional<std::string> problem_of(const json::value& document, const json::object& schema) {
    if (const auto* reference = schema.if_contains("$ref")) {
        if (!reference->is_string() || resolve_reference(document, reference->get_string()) == nullptr) {
            return "refers with $ref to " + json::serialize(*reference) + ", which it does not contain";
        }
    }
    if (const auto* pattern = schema.if_contains("pattern"); pattern != nullptr && pattern->is_string()) {
        if (auto problem = bad_pattern(pattern->get_string())) {
            return problem;
        }
    }
    if (const auto* patterns = schema.if_contains("patternProperties"); patterns != nullptr && patterns->is_object()) {
        for (const auto& member : patterns->get_object()) {
            if (auto problem = bad_pattern(member.key())) {
                return problem;
            }
        }
    }
    return std::nullopt;
}

// valijson ignores formats that it does not know; as a pattern, a duration takes part in anyOf and the like as well.
// The digits allowed keep every unit below longest_duration.
void spell_out_durations(json::value& document) {
    for_each_schema(document, [](json::object& schema) {
        const auto* format = schema.if_contains("format");
        if (format == nullptr || *format != "duration") {
            return;
        }
        constexpr const char* pattern = "^([0-9]{1,10}ms|[0-9]{1,7}s|[0-9]{1,5}m|[0-9]{1,3}h|[0-9]{1,2}d)$";
        if (schema.if_contains("pattern") == nullptr) {
            schema["pattern"] = pattern;
            return;
        }
        if (schema.if_contains("allOf") == nullptr) {
            schema["allOf"] = json::array{};
        }
        if (auto* all = schema["allOf"].if_array()) {
            all->push_back(json::object{{"pattern", pattern}});
        }
    });
}

void walk(const json::value& document, const json::value& value, const schema_nodes& schemas,
          std::vector<std::string>& tokens, const settings_visitor& visit) {
    visit(value, schemas, tokens);
    const auto enter = [&](std::string token, const json::value& inner, bool in_list) {
        const schema_nodes inner_schemas = descend(document, schemas, token, in_list);
        tokens.push_back(std::move(token));
        walk(document, inner, inner_schemas, tokens, visit);
        tokens.pop_back();
    };
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            enter(std::string{member.key()}, member.value(), false);
        }
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            enter(std::to_string(i), value.get_array()[i], true);
        }
    }
}

bool is_marked_secret(const schema_nodes& schemas) {
    return std::any_of(schemas.begin(), schemas.end(), [](const json::object* schema) {
        const auto* mark = schema->if_contains("writeOnly");
        return mark != nullptr && *mark == true;
    });
}

bool has_pattern(const schema_nodes& schemas) {
    return std::any_of(schemas.begin(), schemas.end(), [](const json::object* schema) {
        const auto* format = schema->if_contains("format");
        return schema->if_contains("pattern") != nullptr || (format != nullptr && *format == "duration");
    });
}

void register_texts(const json::value& value, log::secret_registry& secrets) {
    if (value.is_string()) {
        secrets.add(value.get_string());
    } else if (value.is_array()) {
        for (const json::value& item : value.get_array()) {
            register_texts(item, secrets);
        }
    } else if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            register_texts(member.value(), secrets);
        }
    }
}

// Checks one instance's table.
class settings_check {
public:
    settings_check(const adapter_config& instance, const schema::impl& schema, const std::string& file)
        : instance_{instance},
          schema_{schema},
          problems_{file},
          settings_(json::parse(instance.json, {}, with_depth(max_settings_depth))),
          root_schemas_{with_all_beside(schema.document, schema.document.get_object())} {}

    std::vector<complaint> run(log::secret_registry& secrets) {
        std::vector<std::string> tokens;
        walk(schema_.document, settings_, root_schemas_, tokens,
             [&](const json::value& value, const schema_nodes& schemas, const std::vector<std::string>& path) {
                 if (is_marked_secret(schemas)) {
                     register_texts(value, secrets);
                 }
                 if (value.is_string() && value.get_string().size() > max_matched_bytes && has_pattern(schemas)) {
                     complain(path, {"", "is longer than " + std::to_string(max_matched_bytes) +
                                             " bytes, too long for the form that the adapter asks for"});
                 }
             });
        if (problems_.empty()) {
            check();
        }
        return problems_.take();
    }

private:
    void check() {
        valijson::Validator validator{valijson::Validator::kStrongTypes};
        valijson::ValidationResults results;
        const valijson::adapters::BoostJsonAdapter target{settings_};
        if (validator.validate(schema_.rules, target, &results)) {
            return;
        }
        std::vector<objection> objections;
        for (const auto& error : results) {
            objections.push_back({tokens_of(error.context), error.description});
        }
        for (const objection& next : without_echoes(std::move(objections))) {
            explain(next);
        }
        if (problems_.empty()) {
            complain({}, {"", "is not what the adapter takes"});
        }
    }

    void explain(const objection& objection) {
        const json::value* value = &settings_;
        schema_nodes schemas = root_schemas_;
        for (const std::string& token : objection.tokens) {
            schemas = descend(schema_.document, schemas, token, value->is_array());
            value = member(*value, token);
        }
        for (const sentence& sentence : sentences(objection, *value, schemas)) {
            complain(objection.tokens, sentence);
        }
    }

    static const json::value* member(const json::value& value, const std::string& token) {
        return value.is_array() ? &value.get_array()[std::stoul(token)] : &value.get_object().at(token);
    }

    void complain(const std::vector<std::string>& tokens, const sentence& sentence) {
        std::string key = join_key("adapters", instance_.name);
        std::string pointer;
        const json::value* value = &settings_;
        for (const std::string& token : tokens) {
            key = value->is_array() ? key + '[' + token + ']' : join_key(key, token);
            pointer.append("/").append(escape_pointer_token(token));
            value = member(*value, token);
        }
        if (!sentence.key.empty()) {
            key = join_key(key, sentence.key);
        }
        position at = place_of(pointer).value;
        if (!sentence.key.empty()) {
            const position of_key = place_of(pointer + '/' + escape_pointer_token(sentence.key)).key;
            at = of_key.line == 0 ? at : of_key;  // a key that is missing stands nowhere: its table does
        }
        problems_.add(at, std::move(key), sentence.text);
    }

    [[nodiscard]] place place_of(const std::string& pointer) const {
        const auto found = instance_.places.find(pointer);
        return found == instance_.places.end() ? place{} : found->second;
    }

    // valijson's way to a value: "<root>", "[key]", "[0]" …
    static std::vector<std::string> tokens_of(const std::vector<std::string>& context) {
        std::vector<std::string> tokens;
        for (std::size_t i = 1; i < context.size(); ++i) {
            tokens.push_back(context[i].substr(1, context[i].size() - 2));
        }
        return tokens;
    }

    const adapter_config& instance_;
    const schema::impl& schema_;
    complaints problems_;
    json::value settings_;
    schema_nodes root_schemas_;
};

}  // namespace

boost::system::result<schema, mistake> schema::parse(std::string_view text) {
    if (text.size() > max_schema_bytes) {
        return mistake{"is larger than " + std::to_string(max_schema_bytes) + " bytes"};
    }
    json::error_code error;
    auto made = std::make_shared<impl>();
    made->document = json::parse(text, error, {}, with_depth(max_schema_depth));
    if (error) {
        return mistake{"is no JSON: " + error.message()};
    }
    if (!made->document.is_object()) {
        return mistake{"is no JSON object"};
    }
    std::optional<std::string> problem;
    visits seen;
    for_each_schema(made->document,
                    [&](json::object& schema) { problem = problem ? problem : problem_of(made->document, schema); });
    if (problem) {
        return mistake{*problem};
    }
    for_each_schema(made->document, [&](json::object& schema) {
        if (!problem && has_loop(made->document, schema, seen)) {
            problem = "refers to itself without end";
        }
    });
    if (problem) {
        return mistake{*problem};
    }
    json::value rules = made->document;
    spell_out_durations(rules);
    try {
        valijson::SchemaParser parser;
        parser.populateSchema(valijson::adapters::BoostJsonAdapter{rules}, made->rules);
    } catch (const std::exception& failure) {
        return mistake{std::string{"is no JSON Schema: "} + failure.what()};
    }
    return schema{std::move(made)};
}

std::vector<complaint> validate_instance(const adapter_config& instance, const schema& schema, const std::string& file,
                                         log::secret_registry& secrets) {
    complaints all{file};
    all.add(instance.mistakes);
    for (complaint& found : settings_check{instance, schema.get(), file}.run(secrets)) {
        // Where a value could not be read, the schema saw an empty text in its place.
        if (std::ranges::find(instance.mistakes, found.key, &complaint::key) == instance.mistakes.end()) {
            all.add(found.at, std::move(found.key), std::move(found.text));
        }
    }
    return all.take();
}

}  // namespace gateway::config
