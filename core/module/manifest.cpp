#include "module/manifest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace gateway::module {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 32;
constexpr std::size_t max_list_entries = 64;
constexpr std::size_t max_list_entry_bytes = 128;
constexpr std::size_t max_version_bytes = 64;
constexpr std::size_t max_description_bytes = 1024;

using fault = std::optional<std::string>;  // empty: all is well

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

fault read_name(const json::object& from, std::string& ret) {
    const auto* value = from.if_contains("name");
    if (value == nullptr || !value->is_string()) {
        return "lacks \"name\", a text such as \"telegram\"";
    }
    ret = value->get_string().c_str();
    if (ret.size() != value->get_string().size() || !is_module_name(ret)) {
        return "has a \"name\" that cannot be one; it must be 1 to 32 of a-z 0-9 _ - and start with a letter";
    }
    return {};
}

fault read_version(const json::object& from, std::string& ret) {
    const auto* value = from.if_contains("version");
    if (value == nullptr || !value->is_string()) {
        return "lacks \"version\", a text such as \"1.0.0\"";
    }
    ret = std::string(value->get_string());
    if (!is_word(ret) || ret.size() > max_version_bytes) {
        return "has a \"version\" that cannot be one; it must be 1 to " + std::to_string(max_version_bytes) +
               " printable characters without blanks";
    }
    return {};
}

fault read_description(const json::object& from, std::string& ret) {
    const auto* value = from.if_contains("description");
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string() || value->get_string().size() > max_description_bytes ||
        has_control_characters(value->get_string())) {
        return "has a \"description\" that is not a text of one line and at most " +
               std::to_string(max_description_bytes) + " bytes";
    }
    ret = std::string(value->get_string());
    return {};
}

std::optional<std::uint32_t> number(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
        value->get_int64() > std::numeric_limits<std::uint32_t>::max()) {
        return {};
    }
    return static_cast<std::uint32_t>(value->get_int64());
}

fault read_abi(const json::object& from, manifest& ret) {
    const auto* value = from.if_contains("abi");
    const auto* abi = value != nullptr ? value->if_object() : nullptr;
    const auto major = abi != nullptr ? number(*abi, "major") : std::nullopt;
    const auto minor = abi != nullptr ? number(*abi, "minor") : std::nullopt;
    if (!major || !minor) {
        return "lacks \"abi\", an object such as {\"major\": 1, \"minor\": 0}";
    }
    ret.abi_major = *major;
    ret.abi_minor = *minor;
    return {};
}

fault read_list(const json::object& from, std::string_view key, std::string_view example,
                std::vector<std::string>& ret) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) {
        return {};
    }
    const auto wrong = [&] {
        return "has a \"" + std::string(key) + "\" that is not a list of at most " + std::to_string(max_list_entries) +
               " texts without blanks, such as [\"" + std::string(example) + "\"]";
    };
    const auto* list = value->if_array();
    if (list == nullptr || list->size() > max_list_entries) {
        return wrong();
    }
    for (const auto& entry : *list) {
        if (!entry.is_string() || !is_word(entry.get_string()) || entry.get_string().size() > max_list_entry_bytes) {
            return wrong();
        }
        ret.emplace_back(entry.get_string());
    }
    return {};
}

fault read_object(const json::object& from, std::string_view key, std::string_view what, json::object& ret) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_object()) {
        return "has a \"" + std::string(key) + "\" that is no JSON object; it must be " + std::string(what);
    }
    ret = value->get_object();
    return {};
}

fault read_threads(const json::object& from, bool& ret) {
    const auto* value = from.if_contains("threads");
    if (value == nullptr) {
        return {};
    }
    if (!value->is_bool()) {
        return "has a \"threads\" that is neither true nor false";
    }
    ret = value->get_bool();
    return {};
}

fault read_all(const json::object& from, manifest& ret) {
    if (auto wrong = read_name(from, ret.name)) {
        return wrong;
    }
    if (auto wrong = read_version(from, ret.version)) {
        return wrong;
    }
    if (auto wrong = read_description(from, ret.description)) {
        return wrong;
    }
    if (auto wrong = read_abi(from, ret)) {
        return wrong;
    }
    if (auto wrong = read_list(from, "requires", "gateway.timer/1", ret.requirements)) {
        return wrong;
    }
    if (auto wrong = read_list(from, "capabilities", "text", ret.capabilities)) {
        return wrong;
    }
    if (auto wrong = read_threads(from, ret.threads)) {
        return wrong;
    }
    if (auto wrong = read_object(from, "limits", R"(like {"text": {"max": 4096, "unit": "utf16"}})", ret.limits)) {
        return wrong;
    }
    return read_object(from, "config", "a JSON Schema of the instance's table", ret.config_schema);
}

}  // namespace

bool is_module_name(std::string_view name) noexcept {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= 32 && letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

boost::system::result<manifest_ptr, std::string> parse_manifest(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::error_code error;
    const json::value document = json::parse(text, error, {}, options);
    if (error == json::error::too_deep) {
        return "is nested deeper than " + std::to_string(max_depth) + " levels";
    }
    if (error) {
        return "is not valid JSON: " + error.message();
    }
    const auto* object = document.if_object();
    if (object == nullptr) {
        return std::string("is no JSON object; it must start with {");
    }
    auto result = std::make_shared<manifest>();
    if (auto wrong = read_all(*object, *result)) {
        return std::move(*wrong);
    }
    result->text = std::string(text);
    return manifest_ptr(std::move(result));
}

}  // namespace gateway::module
