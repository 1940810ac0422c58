#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <tuple>
#include <vector>

namespace gateway::test {
namespace {

namespace json = boost::json;

// Length of the well-formed UTF-8 sequence that starts at `at`, 0 when there is none; `ret_code_point` is its value.
std::size_t decode_one(std::string_view text, std::size_t at, char32_t& ret_code_point) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        ret_code_point = first;
        return 1;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() - at < length) {
        return 0;
    }
    char32_t code_point = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return 0;
        }
        code_point = (code_point << 6) | (byte(i) & 0x3FU);
    }
    static constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    if (code_point < smallest[length] || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        return 0;
    }
    ret_code_point = code_point;
    return length;
}

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\0';
}

// For each UTF-16 unit whether a character starts there; one entry more for the end of the text.
std::vector<bool> utf16_boundaries(std::string_view utf8) {
    std::vector<bool> starts;
    starts.reserve(utf8.size() + 1);
    for (std::size_t i = 0; i < utf8.size();) {
        char32_t code_point = 0;
        i += std::max<std::size_t>(decode_one(utf8, i, code_point), 1);
        starts.push_back(true);
        if (code_point > 0xFFFF) {
            starts.push_back(false);
        }
    }
    starts.push_back(true);
    return starts;
}

struct entity_kind {
    std::string_view name;
    std::string_view required_field;  // empty: none
};

constexpr std::array<entity_kind, 20> entity_kinds{{{"mention", ""},
                                                    {"hashtag", ""},
                                                    {"cashtag", ""},
                                                    {"bot_command", ""},
                                                    {"url", ""},
                                                    {"email", ""},
                                                    {"phone_number", ""},
                                                    {"bold", ""},
                                                    {"italic", ""},
                                                    {"underline", ""},
                                                    {"strikethrough", ""},
                                                    {"spoiler", ""},
                                                    {"blockquote", ""},
                                                    {"expandable_blockquote", ""},
                                                    {"code", ""},
                                                    {"pre", ""},
                                                    {"text_link", "url"},
                                                    {"text_mention", "user"},
                                                    {"custom_emoji", "custom_emoji_id"},
                                                    {"date_time", ""}}};

std::optional<std::string> check_entity(const json::value& value, const std::vector<bool>& boundaries) {
    const auto* entity = value.if_object();
    if (entity == nullptr) {
        return "can't parse MessageEntity: expected an Object";
    }
    const auto* type = entity->if_contains("type");
    if (type == nullptr || !type->is_string()) {
        return "can't parse MessageEntity: field \"type\" must be of type String";
    }
    const auto* kind = std::find_if(entity_kinds.begin(), entity_kinds.end(), [&](const entity_kind& candidate) {
        return candidate.name == std::string_view(type->get_string());
    });
    if (kind == entity_kinds.end()) {
        return "can't parse MessageEntity: unsupported type specified";
    }
    if (!kind->required_field.empty() && !entity->contains(kind->required_field)) {
        return "can't parse MessageEntity: can't find field \"" + std::string(kind->required_field) + "\"";
    }
    const auto integer = [&](const char* name) -> std::optional<std::int64_t> {
        const auto* field = entity->if_contains(name);
        return field != nullptr && field->is_int64() ? std::optional(field->get_int64()) : std::nullopt;
    };
    const auto offset = integer("offset");
    const auto length = integer("length");
    if (!offset || !length) {
        return "can't parse MessageEntity: fields \"offset\" and \"length\" must be of type Number";
    }
    const auto end_of_text = static_cast<std::int64_t>(boundaries.size()) - 1;
    if (*offset < 0 || *length <= 0 || *offset > end_of_text || *length > end_of_text - *offset) {
        return "entity beginning at UTF-16 offset " + std::to_string(*offset) +
               " ends after the end of the text at UTF-16 offset " + std::to_string(*offset + *length);
    }
    if (!boundaries[static_cast<std::size_t>(*offset)]) {
        return "entity begins in a middle of a UTF-16 symbol at UTF-16 offset " + std::to_string(*offset);
    }
    if (!boundaries[static_cast<std::size_t>(*offset + *length)]) {
        return "entity beginning at UTF-16 offset " + std::to_string(*offset) +
               " ends in a middle of a UTF-16 symbol at UTF-16 offset " + std::to_string(*offset + *length);
    }
    return std::nullopt;
}

struct placed {
    const json::object* entity;
    std::string_view type;
    std::int64_t begin;
    std::int64_t end;
};

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}
bool is_style(std::string_view type) {
    return is_one_of(type, {"bold", "italic", "underline", "strikethrough", "spoiler"});
}
bool is_quote(std::string_view type) {
    return is_one_of(type, {"blockquote", "expandable_blockquote"});
}
bool is_code(std::string_view type) {
    return is_one_of(type, {"code", "pre"});
}

// Of the same range, which one is around the other.
int nesting(std::string_view type) {
    return is_quote(type) ? 0 : is_style(type) ? 2 : type == "custom_emoji" ? 3 : 1;
}

// Two entities of which the first one begins first, or is the longer one.
bool may_share(const placed& outer, const placed& inner) {
    if (inner.begin >= outer.end) {
        return true;
    }
    if (inner.end > outer.end || outer.type == inner.type) {
        return false;
    }
    if (is_style(outer.type)) {
        return !is_code(inner.type);
    }
    if (is_style(inner.type)) {
        return !is_code(outer.type);
    }
    return is_quote(outer.type) && !is_quote(inner.type);
}

// What is left of entities by the platform's rules: links, mentions, code and emoji do not contain each other or
// quotes, quotes no quotes, code no styles nor styles code, nothing is white space alone; 100 of them, links, code and
// quotes first, and 100 emoji. (The platform cuts some where this drops them: nobody who obeys the rules sees the
// difference.)
json::array kept_entities(std::string_view text, const json::array& entities) {
    std::vector<placed> all;
    for (const auto& each : entities) {
        const auto& entity = each.get_object();
        const std::int64_t begin = entity.at("offset").get_int64();
        all.push_back({&entity, entity.at("type").get_string(), begin, begin + entity.at("length").get_int64()});
    }
    std::sort(all.begin(), all.end(), [](const placed& a, const placed& b) {
        return std::tuple(a.begin, b.end, nesting(a.type), a.entity) <
               std::tuple(b.begin, a.end, nesting(b.type), b.entity);
    });
    std::vector<bool> visible;  // of each UTF-16 unit
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            visible.insert(visible.end(), static_cast<unsigned char>(c) >= 0xF0U ? 2 : 1,
                           static_cast<unsigned char>(c) > ' ');  // control characters become spaces
        }
    }
    std::vector<placed> kept;
    for (const placed& each : all) {
        const auto from = visible.begin() + each.begin;
        const bool seen = std::find(from, visible.begin() + each.end, true) != visible.begin() + each.end;
        if ((seen || is_one_of(each.type, {"text_link", "text_mention"})) &&
            std::all_of(kept.begin(), kept.end(), [&](const placed& outer) { return may_share(outer, each); })) {
            kept.push_back(each);
        }
    }
    constexpr std::size_t most = 100;
    std::size_t emoji = 0;
    const auto others = static_cast<std::size_t>(std::count_if(kept.begin(), kept.end(), [](const placed& each) {
        return !is_style(each.type) && each.type != "custom_emoji";
    }));
    std::size_t first = 0;
    std::size_t styles = std::min(others, most);
    json::array result;
    for (const placed& each : kept) {
        std::size_t& count = each.type == "custom_emoji" ? emoji : is_style(each.type) ? styles : first;
        if (++count <= most) {
            result.push_back(*each.entity);
        }
    }
    return result;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        char32_t code_point = 0;
        const auto length = decode_one(text, i, code_point);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

std::size_t count_code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t count_utf16_units(std::string_view utf8) {
    const auto beyond_bmp = static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; }));
    return count_code_points(utf8) + beyond_bmp;
}

std::string ascii_json(const json::value& value) {
    const std::string utf8 = json::serialize(value);
    std::string ascii;
    ascii.reserve(utf8.size());
    const auto append_unit = [&](unsigned unit) {
        std::array<char, 7> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\u%04x", unit & 0xFFFFU);
        ascii.append(escaped.data(), 6);
    };
    for (std::size_t i = 0; i < utf8.size();) {
        char32_t code_point = 0;
        i += std::max<std::size_t>(decode_one(utf8, i, code_point), 1);
        if (code_point < 0x80) {
            ascii.push_back(static_cast<char>(code_point));
        } else if (code_point <= 0xFFFF) {
            append_unit(static_cast<unsigned>(code_point));
        } else {
            append_unit(0xD800U + ((static_cast<unsigned>(code_point) - 0x10000U) >> 10));
            append_unit(0xDC00U + ((static_cast<unsigned>(code_point) - 0x10000U) & 0x3FFU));
        }
    }
    return ascii;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && lower(a) == lower(b);
}

std::optional<std::string> format_text(std::string_view text, const json::array& entities, formatted_text& ret_text) {
    const auto boundaries = utf16_boundaries(text);
    for (const auto& entity : entities) {
        if (auto wrong = check_entity(entity, boundaries)) {
            return wrong;
        }
    }
    std::size_t begin = 0;
    std::size_t end = text.size();
    while (begin < end && is_space(text[begin])) {
        ++begin;
    }
    while (end > begin && is_space(text[end - 1])) {
        --end;
    }
    const auto trimmed = text.substr(begin, end - begin);
    const auto shift = static_cast<std::int64_t>(begin);  // white space is one byte and one UTF-16 unit each
    const auto length = static_cast<std::int64_t>(count_utf16_units(trimmed));
    json::array kept;
    for (const auto& entity : entities) {
        auto moved = entity.get_object();
        const auto from = std::clamp(moved["offset"].get_int64() - shift, std::int64_t{0}, length);
        const auto to =
            std::clamp(moved["offset"].get_int64() + moved["length"].get_int64() - shift, std::int64_t{0}, length);
        if (from < to) {
            moved["offset"] = from;
            moved["length"] = to - from;
            kept.push_back(std::move(moved));
        }
    }
    ret_text.text = trimmed;
    ret_text.entities = kept_entities(trimmed, kept);
    return std::nullopt;
}

}  // namespace gateway::test
