#include "telegram_entities.hpp"

#include "markdown_writer.hpp"
#include "telegram_protocol.hpp"
#include "telegram_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace gateway::telegram {
namespace {

namespace json = boost::json;
using markdown::rich_text;
using markdown::span;
using markdown::style;

constexpr std::string_view user_url = "tg://user?id=";
constexpr std::string_view emoji_url = "tg://emoji?id=";

struct kind {
    std::string_view name;
    style what;
};
constexpr std::array<kind, 12> kinds{{{"bold", style::bold},
                                      {"italic", style::italic},
                                      {"underline", style::underline},
                                      {"strikethrough", style::strike},
                                      {"spoiler", style::spoiler},
                                      {"blockquote", style::quote},
                                      {"expandable_blockquote", style::expandable_quote},
                                      {"code", style::code},
                                      {"pre", style::code_block},
                                      {"text_link", style::link},
                                      {"text_mention", style::link},
                                      {"custom_emoji", style::custom_emoji}}};
constexpr std::array<std::string_view, 8> found_by_the_platform{
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"};

std::string_view string_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const json::string* found = value == nullptr ? nullptr : value->if_string();
    return found == nullptr ? std::string_view{} : std::string_view(found->data(), found->size());
}

std::optional<std::int64_t> integer_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::string data_of(const json::object& entity, style what, std::string_view name) {
    if (name == "text_mention") {
        const json::value* user = entity.if_contains("user");
        const auto id = user != nullptr && user->is_object() ? integer_of(user->get_object(), "id") : std::nullopt;
        return id ? std::string(user_url) + std::to_string(*id) : std::string{};
    }
    switch (what) {
        case style::link:
            return clean_utf8(string_of(entity, "url"), markdown::max_data_bytes);
        case style::code_block:
            return markdown::clean_language(string_of(entity, "language"));
        case style::custom_emoji: {
            const std::string_view id = string_of(entity, "custom_emoji_id");
            return parse_number(id) ? std::string(emoji_url).append(id) : std::string{};
        }
        default:
            return {};
    }
}

// A place of the text, in UTF-16 units, that is wanted in bytes.
struct wanted {
    std::int64_t units = 0;
    bool end = false;  // inside a character: the end of it, not its beginning
    std::size_t* place = nullptr;
};

void find_places(std::string_view text, std::vector<wanted>& places) {
    std::sort(places.begin(), places.end(), [](const wanted& a, const wanted& b) { return a.units < b.units; });
    std::int64_t units = 0;
    std::size_t at = 0;
    for (const wanted& each : places) {
        std::size_t before = at;
        while (at < text.size() && units < each.units) {
            before = at;
            const std::size_t bytes = utf8::decode(text, at).bytes;
            units += bytes == 4 ? 2 : 1;
            at += bytes;
        }
        *each.place = units > each.units && !each.end ? before : at;
        if (units > each.units && at != before) {  // the next one may want the same character
            units -= 2;
            at = before;
        }
    }
}

bool is_continuous(style what) {
    return what == style::link || markdown::is_leaf(what);
}

bool is_splittable(style what) {
    return !is_continuous(what) && !markdown::is_quote(what);
}

// UTF-16 units before any place of a text.
class unit_counter {
public:
    explicit unit_counter(std::string_view text) : text_(text) {
        std::size_t units = 0;
        for (std::size_t at = 0; at < text.size(); at += step) {
            before_.push_back(units);
            units += utf16_units(text.substr(at, step));
        }
        before_.push_back(units);
    }
    [[nodiscard]] std::size_t before(std::size_t at) const {
        return before_[at / step] + utf16_units(text_.substr(at / step * step, at % step));
    }

private:
    static constexpr std::size_t step = 64;
    std::string_view text_;
    std::vector<std::size_t> before_;
};

// What the platform makes of nested styles: nothing inside code, no link, code or quote inside a link. A style around
// code becomes two, beside it, neither of which crosses the quote or link that the code is in.
class flattener {
public:
    explicit flattener(std::string_view text) : text_(text) {}

    std::vector<span> run(const std::vector<span>& spans) {
        for (const span& each : spans) {
            close_until(each.begin);
            const bool foreign = each.what == style::custom_emoji && !each.data.starts_with(emoji_url);
            const bool in_link = std::any_of(open_.begin(), open_.end(),
                                             [](const open_span& outer) { return is_continuous(outer.what->what); });
            if (!foreign && (is_splittable(each.what) || !in_link)) {
                if (each.what == style::code || each.what == style::code_block) {
                    cut_around(each);
                }
                open_.push_back({&each, each.begin});
            }
        }
        close_until(std::numeric_limits<std::size_t>::max());
        return std::move(result_);
    }

private:
    struct open_span {
        const span* what;
        std::size_t from;  // not given out yet
    };

    void give(open_span& each, std::size_t end) {
        if (each.from < end && !trimmed(text_.substr(each.from, end - each.from)).empty()) {
            result_.push_back({each.what->what, each.from, end, each.what->data});
        }
        each.from = std::max(each.from, end);
    }

    void close_until(std::size_t at) {
        while (!open_.empty() && open_.back().what->end <= at) {
            open_span closed = open_.back();
            open_.pop_back();
            give(closed, closed.what->end);
            for (open_span& outer : open_) {
                if (!is_splittable(closed.what->what) && outer.from > closed.what->begin) {
                    give(outer, closed.what->end);
                }
            }
        }
    }

    void cut_around(const span& code) {
        for (auto outer = open_.begin(); outer != open_.end(); ++outer) {
            if (!is_splittable(outer->what->what)) {
                continue;
            }
            for (auto inner = std::next(outer); inner != open_.end(); ++inner) {
                if (!is_splittable(inner->what->what)) {
                    give(*outer, inner->what->begin);
                }
            }
            give(*outer, code.begin);
            outer->from = code.end;
        }
    }

    std::string_view text_;
    std::vector<open_span> open_;
    std::vector<span> result_;
};

json::object entity_of(const span& each, const unit_counter& units) {
    const std::size_t begin = units.before(each.begin);
    const auto* known = std::find_if(kinds.begin(), kinds.end(), [&](const kind& of) { return of.what == each.what; });
    json::object made{{"type", known->name},
                      {"offset", static_cast<std::int64_t>(begin)},
                      {"length", static_cast<std::int64_t>(units.before(each.end) - begin)}};
    if (each.what == style::link) {
        const std::string_view url = each.data;
        const auto id = url.starts_with(user_url) ? parse_number(url.substr(user_url.size())) : std::nullopt;
        if (id) {
            made["type"] = "text_mention";
            made["user"] = json::object{{"id", *id}, {"is_bot", false}, {"first_name", ""}};
        } else {
            made["url"] = url;
        }
    } else if (each.what == style::custom_emoji) {
        made["custom_emoji_id"] = each.data.substr(emoji_url.size());
    } else if (each.what == style::code_block && !each.data.empty()) {
        made["language"] = each.data;
    }
    return made;
}

}  // namespace

styled_text read_entities(std::string valid, const json::value* entities) {
    styled_text read{.what = {std::move(valid), {}}};
    const json::array* all = entities == nullptr ? nullptr : entities->if_array();
    if (all == nullptr) {
        return read;
    }
    const std::size_t count = std::min(all->size(), max_entities_read);
    read.unknown = all->size() - count;
    std::vector<span>& spans = read.what.spans;
    spans.reserve(count);  // places point into it
    std::vector<wanted> places;
    for (std::size_t index = 0; index < count; ++index) {
        const json::object* entity = (*all)[index].if_object();
        const std::string_view name = entity == nullptr ? std::string_view{} : string_of(*entity, "type");
        const auto* known =
            std::find_if(kinds.begin(), kinds.end(), [name](const kind& each) { return each.name == name; });
        if (entity == nullptr || known == kinds.end()) {
            read.unknown += std::find(found_by_the_platform.begin(), found_by_the_platform.end(), name) ==
                            found_by_the_platform.end();
            continue;
        }
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        const std::int64_t offset = std::clamp(integer_of(*entity, "offset").value_or(0), -most, most);
        const std::int64_t length = std::clamp(integer_of(*entity, "length").value_or(0), -most, most);
        if (length <= 0) {
            continue;
        }
        spans.push_back({.what = known->what, .data = data_of(*entity, known->what, name)});
        places.push_back({.units = offset, .end = false, .place = &spans.back().begin});
        places.push_back({.units = offset + length, .end = true, .place = &spans.back().end});
    }
    find_places(read.what.text, places);
    read.what = markdown::normalized(std::move(read.what));
    return read;
}

std::string to_markdown(rich_text what, std::size_t max_bytes) {
    std::string written = markdown::write(what);
    if (written.size() <= max_bytes) {
        return written;
    }
    what.spans.clear();
    written = markdown::write(what);
    while (written.size() > max_bytes) {
        // In proportion, and a little less, since what is left may need more backslashes than what went.
        what.text = clean_utf8(what.text, what.text.size() * max_bytes / written.size() * 15 / 16);
        written = markdown::write(what);
    }
    return written;
}

json::array to_entities(const rich_text& valid) {
    std::vector<span> spans = flattener(valid.text).run(valid.spans);
    if (spans.empty()) {
        return {};
    }
    // The platform counts links, code and quotes first, then styles; custom emoji on their own.
    const auto rank = [](const span& each) {
        return each.what == style::custom_emoji ? 0 : is_splittable(each.what) ? 2 : 1;
    };
    std::sort(spans.begin(), spans.end(), [&](const span& one, const span& other) {
        return std::tuple(rank(one), one.begin, other.end, one.what) <
               std::tuple(rank(other), other.begin, one.end, other.what);
    });
    std::size_t emoji = 0;
    std::size_t others = 0;
    std::erase_if(spans, [&](const span& each) {
        return ++(each.what == style::custom_emoji ? emoji : others) > max_entities_sent;
    });
    const auto nesting = [](const span& each) {
        return markdown::is_quote(each.what)      ? 0
               : is_splittable(each.what)         ? 2
               : each.what == style::custom_emoji ? 3
                                                  : 1;
    };
    std::sort(spans.begin(), spans.end(), [&](const span& one, const span& other) {
        return std::tuple(one.begin, other.end, nesting(one), one.what) <
               std::tuple(other.begin, one.end, nesting(other), other.what);
    });
    const unit_counter units(valid.text);
    json::array made;
    for (const span& each : spans) {
        made.push_back(entity_of(each, units));
    }
    return made;
}

}  // namespace gateway::telegram
