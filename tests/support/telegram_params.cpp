#include "support/telegram_params.hpp"

#include "support/telegram_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gateway::test {
namespace {

namespace json = boost::json;

std::optional<std::int64_t> to_integer(const json::value& value) {
    if (value.is_int64()) {
        return value.get_int64();
    }
    if (const auto* text = value.if_string()) {
        std::int64_t number = 0;
        const auto* end = text->data() + text->size();
        const auto parsed = std::from_chars(text->data(), end, number);
        if (!text->empty() && parsed.ec == std::errc() && parsed.ptr == end) {
            return number;
        }
    }
    return std::nullopt;
}

std::optional<double> to_number(const json::value& value) {
    if (value.is_number()) {
        return value.to_number<double>();
    }
    if (const auto* text = value.if_string()) {
        double number = 0;
        const auto* end = text->data() + text->size();
        const auto parsed = std::from_chars(text->data(), end, number);
        if (!text->empty() && parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(number)) {
            return number;
        }
    }
    return std::nullopt;
}

std::optional<bool> to_boolean(const json::value& value) {
    if (value.is_bool()) {
        return value.get_bool();
    }
    if (value.is_int64() && (value.get_int64() == 0 || value.get_int64() == 1)) {
        return value.get_int64() == 1;
    }
    if (const auto* text = value.if_string()) {
        const auto word = lower(*text);
        if (word == "true" || word == "yes" || word == "1") {
            return true;
        }
        if (word == "false" || word == "no" || word == "0" || word.empty()) {
            return false;
        }
    }
    return std::nullopt;
}

// The value itself, or what its text holds as JSON (forms carry objects and arrays as text).
json::value unwrap_json(const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) {
        return value;
    }
    boost::system::error_code error;
    auto parsed = json::parse(*text, error, {}, request_json_options());
    return error ? json::value(nullptr) : parsed;
}

bool strings_are_utf8(const json::value& value) {
    switch (value.kind()) {
        case json::kind::string:
            return is_valid_utf8(value.get_string());
        case json::kind::array:
            return std::all_of(value.get_array().begin(), value.get_array().end(), strings_are_utf8);
        case json::kind::object:
            return std::all_of(value.get_object().begin(), value.get_object().end(), [](const auto& member) {
                return is_valid_utf8(member.key()) && strings_are_utf8(member.value());
            });
        default:
            return true;
    }
}

// The value in the type of its kind; null when it cannot be had.
json::value convert(const json::value& value, param_kind kind) {
    switch (kind) {
        case param_kind::integer: {
            const auto number = to_integer(value);
            return number ? json::value(*number) : json::value(nullptr);
        }
        case param_kind::number: {
            const auto number = to_number(value);
            return number ? json::value(*number) : json::value(nullptr);
        }
        case param_kind::boolean: {
            const auto truth = to_boolean(value);
            return truth ? json::value(*truth) : json::value(nullptr);
        }
        case param_kind::string:
        case param_kind::file:
            return value.is_string() ? value : json::value(nullptr);
        case param_kind::chat:
            return value.is_int64() ? json::value(std::to_string(value.get_int64()))
                                    : convert(value, param_kind::string);
        case param_kind::object: {
            auto inner = unwrap_json(value);
            return inner.is_object() ? inner : json::value(nullptr);
        }
        case param_kind::array: {
            auto inner = unwrap_json(value);
            return inner.is_array() ? inner : json::value(nullptr);
        }
    }
    return nullptr;
}

std::string_view wanted(param_kind kind) {
    switch (kind) {
        case param_kind::integer:
            return "an Integer";
        case param_kind::number:
            return "a Float";
        case param_kind::boolean:
            return "a Boolean";
        case param_kind::string:
            return "a String";
        case param_kind::file:
            return "a file or a String";
        case param_kind::chat:
            return "an Integer or a String";
        case param_kind::object:
            return "an Object";
        case param_kind::array:
            return "an Array";
    }
    return "";
}

constexpr std::string_view attach_prefix = "attach://";

// Whether some parameter names the part; forms carry objects as text, so the text of all is looked through.
bool is_attached(const json::object& values, std::string_view part) {
    const auto reference = std::string(attach_prefix) + std::string(part);
    for (const auto& member : values) {
        const auto text =
            member.value().is_string() ? std::string(member.value().get_string()) : json::serialize(member.value());
        for (auto at = text.find(reference); at != std::string::npos; at = text.find(reference, at + 1)) {
            const auto end = at + reference.size();
            if (end == text.size() || text[end] == '"') {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

std::optional<std::string> checked_params::check(const decoded_params& raw, std::span<const param_spec> known,
                                                 checked_params& ret_params) {
    checked_params checked;
    for (const auto& [name, value] : raw.values) {
        const std::string_view key = name;
        const bool is_file = raw.files.contains(key);
        const auto spec = std::find_if(known.begin(), known.end(),
                                       [&](const param_spec& candidate) { return candidate.name == key; });
        if (spec == known.end()) {
            if (is_file && is_attached(raw.values, key)) {
                continue;
            }
            return "unknown parameter \"" + std::string(key) + "\" (the real server would ignore it)";
        }
        if (is_file && spec->kind == param_kind::file) {
            checked.values_.emplace(key, "attach://" + std::string(key));
            continue;
        }
        auto converted = convert(value, spec->kind);
        if (converted.is_null()) {
            return "parameter \"" + std::string(key) + "\" must be " + std::string(wanted(spec->kind));
        }
        if (!strings_are_utf8(converted)) {
            return "strings must be encoded in UTF-8";
        }
        checked.values_.emplace(key, std::move(converted));
    }
    checked.files_ = &raw.files;
    ret_params = std::move(checked);
    return std::nullopt;
}

const uploaded_file* checked_params::attached(std::string_view reference) const {
    if (files_ == nullptr || !reference.starts_with(attach_prefix)) {
        return nullptr;
    }
    const auto it = files_->find(reference.substr(attach_prefix.size()));
    return it == files_->end() ? nullptr : &it->second;
}

std::string_view checked_params::string(std::string_view name) const {
    const auto* value = values_.if_contains(name);
    return value == nullptr ? std::string_view() : std::string_view(value->get_string());
}

std::int64_t checked_params::integer(std::string_view name, std::int64_t otherwise) const {
    const auto* value = values_.if_contains(name);
    return value == nullptr ? otherwise : value->get_int64();
}

std::optional<double> checked_params::number(std::string_view name) const {
    const auto* value = values_.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional(value->get_double());
}

bool checked_params::boolean(std::string_view name) const {
    const auto* value = values_.if_contains(name);
    return value != nullptr && value->get_bool();
}

const json::object* checked_params::object(std::string_view name) const {
    const auto* value = values_.if_contains(name);
    return value == nullptr ? nullptr : &value->get_object();
}

const json::array* checked_params::array(std::string_view name) const {
    const auto* value = values_.if_contains(name);
    return value == nullptr ? nullptr : &value->get_array();
}

}  // namespace gateway::test
