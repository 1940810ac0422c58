#include "markdown_callbacks.hpp"
#include "markdown_source.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gateway::markdown {
namespace {

struct known_tag {
    std::string_view name;
    style what;
};
constexpr std::array<known_tag, 16> known_tags{{{"b", style::bold},
                                                {"strong", style::bold},
                                                {"i", style::italic},
                                                {"em", style::italic},
                                                {"u", style::underline},
                                                {"ins", style::underline},
                                                {"s", style::strike},
                                                {"del", style::strike},
                                                {"strike", style::strike},
                                                {"spoiler", style::spoiler},
                                                {"tg-spoiler", style::spoiler},
                                                {"code", style::code},
                                                {"pre", style::code_block},
                                                {"blockquote", style::quote},
                                                {"blockquote expandable", style::expandable_quote},
                                                {"br", style::bold}}};

bool is_emoji_url(std::string_view url) {
    return url.find("://emoji") != std::string_view::npos;
}

}  // namespace

std::string plain_of(const MD_ATTRIBUTE& from) {
    std::string result;
    for (std::size_t index = 0; from.size != 0 && from.substr_offsets[index] < from.size; ++index) {
        const std::size_t begin = from.substr_offsets[index];
        const std::string_view part(from.text + begin, from.substr_offsets[index + 1] - begin);
        if (from.substr_types[index] == MD_TEXT_ENTITY) {
            result += character_of_reference(part).value_or(std::string(part));
        } else {
            result += part;
        }
    }
    return result;
}

// Styles

int reader::enter_span(MD_SPANTYPE type, void* detail) {
    if (table_) {
        return counted();
    }
    const MD_ATTRIBUTE* const target = type == MD_SPAN_A     ? &static_cast<MD_SPAN_A_DETAIL*>(detail)->href
                                       : type == MD_SPAN_IMG ? &static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src
                                                             : nullptr;
    if (target != nullptr && !is_trustworthy(*target)) {
        return 1;
    }
    begin_leaf();
    out_.enter(frame_kind::span);
    open_style opened{.type = type};
    const auto open_link = [&](bool image) {
        std::string url = target == nullptr ? std::string{} : plain_of(*target);
        urls_bytes_ += url.size();
        if (urls_bytes_ > max_urls_bytes) {
            url.clear();
        }
        opened.fallback = url;
        const style what = image && is_emoji_url(url) ? style::custom_emoji : style::link;
        opened.slot = out_.open(what, std::move(url));
    };
    switch (type) {
        case MD_SPAN_EM:
            opened.slot = out_.open(style::italic);
            break;
        case MD_SPAN_DEL:
            opened.slot = out_.open(style::strike);
            break;
        case MD_SPAN_CODE:
            opened.slot = out_.open(style::code);
            break;
        case MD_SPAN_A:
            open_link(false);
            break;
        case MD_SPAN_IMG:
            open_link(true);
            break;
        default:
            opened.slot = out_.open(style::bold);
            break;
    }
    ++open_of_[type];
    styles_.push_back(std::move(opened));
    return counted();
}

// md4c 0.4.8 may leave what it did not enter and forget to leave what it did: `*[x](y*)*`.
int reader::leave_span(MD_SPANTYPE type, void* /*detail*/) {
    if (!table_ && open_of_[type] != 0) {
        while (styles_.back().type != type) {
            close_style();
        }
        close_style();
    }
    return counted();
}

void reader::close_style() {
    const open_style closed = std::move(styles_.back());
    styles_.pop_back();
    --open_of_[closed.type];
    if (out_.is_empty(closed.slot)) {
        out_.add(closed.fallback);
    }
    out_.close(closed.slot);
    out_.leave();
}

// Text

std::optional<std::size_t> reader::place_of(std::string_view text) const {
    const std::less_equal<const char*> not_after;
    const char* const end = source_.data() + source_.size();
    if (text.empty() || !not_after(source_.data(), text.data()) || !not_after(text.data() + text.size(), end)) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(text.data() - source_.data());
}

// md4c 0.4.8 may run off the end of what it was given, or back, when marks outside a link pair with marks in its
// target. The source has no U+0000 but the one behind its end, so that what holds one, or would, has gone too far.
bool reader::is_trustworthy(MD_TEXTTYPE type, std::string_view text) {
    if (type == MD_TEXT_NULLCHAR || !is_in_bounds(text)) {
        return false;
    }
    if (const auto place = place_of(text)) {
        if (*place < texts_end_) {
            return false;
        }
        texts_end_ = *place + text.size();
    }
    return true;
}

bool reader::is_trustworthy(const MD_ATTRIBUTE& from) const {
    if (!is_in_bounds({from.text, from.size})) {
        return false;
    }
    for (std::size_t index = 0; from.size != 0 && from.substr_offsets[index] < from.size; ++index) {
        if (from.substr_types[index] == MD_TEXT_NULLCHAR || from.substr_offsets[index + 1] > from.size) {
            return false;
        }
    }
    return true;
}

// All of it is in the source, or none; and then it is md4c's own, and no larger than the source.
bool reader::is_in_bounds(std::string_view text) const {
    constexpr std::size_t longest_constant = 64;  // newlines, indentation
    const std::less<const char*> before;
    const char* const end = source_.data() + source_.size();
    const bool begins_inside = !before(text.data(), source_.data()) && before(text.data(), end);
    return begins_inside ? text.size() <= static_cast<std::size_t>(end - text.data())
                         : text.size() <= source_.size() + longest_constant;
}

int reader::take_text(MD_TEXTTYPE type, std::string_view text) {
    if (!is_trustworthy(type, text)) {
        return 1;
    }
    if (table_) {
        if (!table_->rows.empty() && !table_->rows.back().empty()) {
            std::string part = type == MD_TEXT_ENTITY ? character_of_reference(text).value_or(std::string(text))
                               : type == MD_TEXT_HTML && text.starts_with("<br") ? " "
                                                                                 : std::string(text);
            std::replace(part.begin(), part.end(), '\n', ' ');
            table_->rows.back().back() += part;
        }
        const auto place = place_of(text);
        read_to_ = place ? *place + text.size() : read_to_;
        return counted();
    }
    if (code_) {
        add_code(text);
        return counted();
    }
    begin_leaf();
    switch (type) {
        case MD_TEXT_BR:
        case MD_TEXT_SOFTBR:
            line_break();
            break;
        case MD_TEXT_ENTITY:
            out_.add(character_of_reference(text).value_or(std::string(text)));
            break;
        case MD_TEXT_HTML:
            add_tag(text);
            break;
        case MD_TEXT_NORMAL:
            add_normal(text);
            break;
        default:
            out_.add(text);
            break;
    }
    if (const auto place = place_of(text)) {
        read_to_ = *place + text.size();
    }
    return counted();
}

// md4c gives a line's indentation as spaces of its own, then the line's text, then a newline of its own.
void reader::add_code(std::string_view text) {
    if (!code_style_) {
        begin_leaf();
        code_style_ = out_.open(style::code_block, clean_language(language_));
        end_leaf();
    }
    const auto place = place_of(text);
    if (!place && text.find_first_not_of(' ') == std::string_view::npos) {
        code_columns_ += text.size();
        return;
    }
    if (code_columns_ != 0) {
        const std::size_t columns = std::exchange(code_columns_, 0);
        const std::string_view written = place ? indentation_before(source_, *place, columns) : std::string_view{};
        out_.add(written.find('\t') == std::string_view::npos ? std::string(columns, ' ') : std::string(written));
    }
    out_.add(text);
    if (place) {
        read_to_ = *place + text.size();
    }
}

// Finds `||`: exactly two bars. (What is escaped is a text of its own.)
void reader::add_normal(std::string_view text) {
    std::size_t from = 0;
    std::size_t at = 0;
    while ((at = text.find('|', at)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_not_of('|', at), text.size());
        if (end - at == 2) {
            out_.add(text.substr(from, at - from));
            out_.bar_marker();
            from = end;
        }
        at = end;
    }
    out_.add(text.substr(from));
}

void reader::add_tag(std::string_view written) {
    std::string_view inside = written.substr(1, written.size() < 2 ? 0 : written.size() - 2);
    const bool closing = inside.starts_with('/');
    if (closing) {
        inside.remove_prefix(1);
    }
    while (inside.ends_with('/') || inside.ends_with(' ')) {
        inside.remove_suffix(1);  // <br />
    }
    std::string language;
    constexpr std::string_view with_language = "pre language=\"";
    if (!closing && inside.starts_with(with_language) && inside.ends_with('"')) {
        language = clean_language(inside.substr(with_language.size()));
        inside = "pre";
    }
    const auto* known = std::find_if(known_tags.begin(), known_tags.end(),
                                     [inside](const known_tag& each) { return each.name == inside; });
    if (!written.ends_with('>') || !written.starts_with('<') || known == known_tags.end()) {
        out_.add(written);
    } else if (known->name == "br") {
        out_.add("\n");
    } else if (const auto key = static_cast<std::size_t>(is_quote(known->what) ? style::quote : known->what); closing) {
        out_.close_marker(key, written);
    } else {
        out_.open_marker(key, written, known->what, std::move(language));
    }
}

}  // namespace gateway::markdown
