#include "markdown_reader.hpp"

#include "markdown_builder.hpp"
#include "markdown_source.hpp"
#include "markdown_table.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <md4c.h>
#include <optional>
#include <utility>
#include <vector>

namespace gateway::markdown {
namespace {

using frame_kind = builder::frame_kind;

constexpr unsigned md4c_flags =
    MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTMLBLOCKS;

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

std::string plain_of(const MD_ATTRIBUTE& from) {
    std::string result;
    for (std::size_t index = 0; from.size != 0 && from.substr_offsets[index] < from.size; ++index) {
        const std::size_t begin = from.substr_offsets[index];
        const std::string_view part(from.text + begin, from.substr_offsets[index + 1] - begin);
        if (from.substr_types[index] == MD_TEXT_ENTITY) {
            result += character_of_reference(part).value_or(std::string(part));
        } else if (from.substr_types[index] == MD_TEXT_NULLCHAR) {
            utf8::append(0xfffd, result);
        } else {
            result += part;
        }
    }
    return result;
}

bool is_emoji_url(std::string_view url) {
    return url.find("://emoji") != std::string_view::npos;
}

class reader {
public:
    explicit reader(std::string_view source) : source_(source) {}

    // Nothing when the source costs too much.
    std::optional<rich_text> run();

private:
    struct list {
        bool ordered = false;
        std::uint64_t next = 1;
    };
    // What stands before the next text: a mark of a list, or, without one, the beginning of a quote.
    struct prefix {
        std::string mark{};
        std::size_t depth = 0;
    };
    struct open_style {
        MD_SPANTYPE type{};
        std::size_t slot = 0;
        std::string fallback{};  // the text of a link without text
    };

    template <int (reader::*What)(MD_BLOCKTYPE, void*)>
    static int on_block(MD_BLOCKTYPE type, void* detail, void* self) {
        return (static_cast<reader*>(self)->*What)(type, detail);
    }
    template <int (reader::*What)(MD_SPANTYPE, void*)>
    static int on_span(MD_SPANTYPE type, void* detail, void* self) {
        return (static_cast<reader*>(self)->*What)(type, detail);
    }
    static int on_text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
        return static_cast<reader*>(self)->take_text(type, {text, size});
    }

    int enter_block(MD_BLOCKTYPE type, void* detail);
    int leave_block(MD_BLOCKTYPE type, void* detail);
    int enter_span(MD_SPANTYPE type, void* detail);
    int leave_span(MD_SPANTYPE type, void* detail);
    int take_text(MD_TEXTTYPE type, std::string_view text);

    [[nodiscard]] int counted() { return ++callbacks_ > source_.size() * max_callbacks_per_byte + 64 ? 1 : 0; }
    void enter_item(const MD_BLOCK_LI_DETAIL& detail);
    void leave_code();
    void leave_table();
    void rule();
    void close_style();
    void begin_leaf();
    void end_leaf();
    [[nodiscard]] std::size_t breaks_before_leaf();
    void put_prefixes();
    void add_code(std::string_view text);
    void add_normal(std::string_view text);
    void add_tag(std::string_view written);
    void line_break();
    [[nodiscard]] std::optional<std::size_t> place_of(std::string_view text) const;

    std::string_view source_;
    builder out_;
    std::size_t callbacks_ = 0;
    std::size_t urls_bytes_ = 0;

    std::vector<list> lists_;
    std::vector<prefix> prefixes_;
    std::vector<open_style> styles_;
    std::array<std::size_t, 16> open_of_{};  // by md4c's type
    std::size_t quotes_ = 0;
    std::optional<std::size_t> quote_;  // the outermost quote's style, once there is text in it
    std::optional<std::size_t> heading_;
    bool heading_begins_ = false;
    bool leaf_open_ = false;
    bool started_ = false;  // there is something to be separated from

    std::size_t read_to_ = 0;  // the end of the last text in the source
    bool after_code_ = false;
    bool after_quote_ = false;

    bool code_ = false;
    std::optional<std::size_t> code_style_;
    std::string language_;
    std::size_t code_columns_ = 0;  // of indentation, not added yet
    std::optional<table> table_;
};

std::optional<rich_text> reader::run() {
    const MD_PARSER parser{.abi_version = 0,
                           .flags = md4c_flags,
                           .enter_block = on_block<&reader::enter_block>,
                           .leave_block = on_block<&reader::leave_block>,
                           .enter_span = on_span<&reader::enter_span>,
                           .leave_span = on_span<&reader::leave_span>,
                           .text = on_text,
                           .debug_log = nullptr,
                           .syntax = nullptr};
    if (md_parse(source_.data(), static_cast<MD_SIZE>(source_.size()), &parser, this) != 0) {
        return std::nullopt;
    }
    return out_.finish();
}

// Blocks

int reader::enter_block(MD_BLOCKTYPE type, void* detail) {
    end_leaf();
    switch (type) {
        case MD_BLOCK_DOC:
            out_.enter(frame_kind::container);
            break;
        case MD_BLOCK_QUOTE:
            out_.enter(frame_kind::container);
            if (quotes_++ == 0) {
                prefixes_.emplace_back();
            }
            break;
        case MD_BLOCK_UL:
            lists_.emplace_back();
            break;
        case MD_BLOCK_OL:
            lists_.push_back({.ordered = true, .next = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start});
            break;
        case MD_BLOCK_LI:
            out_.enter(frame_kind::container);
            enter_item(*static_cast<MD_BLOCK_LI_DETAIL*>(detail));
            break;
        case MD_BLOCK_HR:
            rule();
            break;
        case MD_BLOCK_H:
            heading_begins_ = true;
            break;
        case MD_BLOCK_CODE:
            code_ = true;
            language_ = plain_of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
            break;
        case MD_BLOCK_TABLE:
            table_.emplace();
            break;
        case MD_BLOCK_TR:
            table_->rows.emplace_back();
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD: {
            table_->rows.back().emplace_back();
            if (table_->columns.size() < table_->rows.back().size()) {
                const MD_ALIGN align = static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align;
                table_->columns.push_back(align == MD_ALIGN_RIGHT    ? alignment::right
                                          : align == MD_ALIGN_CENTER ? alignment::center
                                                                     : alignment::left);
            }
            break;
        }
        default:
            break;
    }
    return counted();
}

int reader::leave_block(MD_BLOCKTYPE type, void* /*detail*/) {
    if (type == MD_BLOCK_LI && !prefixes_.empty() && !prefixes_.back().mark.empty()) {
        begin_leaf();  // an item without text still has its mark
    }
    end_leaf();
    switch (type) {
        case MD_BLOCK_QUOTE:
            out_.leave();
            if (--quotes_ == 0) {
                after_quote_ = quote_.has_value();
                if (quote_) {
                    out_.close(*std::exchange(quote_, std::nullopt));
                } else {
                    std::erase_if(prefixes_, [](const prefix& each) { return each.mark.empty(); });
                }
            }
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            lists_.pop_back();
            break;
        case MD_BLOCK_DOC:
        case MD_BLOCK_LI:
            out_.leave();
            break;
        case MD_BLOCK_H:
            heading_begins_ = false;
            break;
        case MD_BLOCK_CODE:
            leave_code();
            break;
        case MD_BLOCK_TABLE:
            leave_table();
            break;
        default:
            break;
    }
    return counted();
}

void reader::enter_item(const MD_BLOCK_LI_DETAIL& detail) {
    list& in = lists_.back();
    std::string mark = in.ordered ? std::to_string(in.next++) + ". " : "• ";
    if (detail.is_task != 0) {
        mark = detail.task_mark == ' ' ? "☐ " : "☑ ";
    }
    prefixes_.push_back({.mark = std::move(mark), .depth = lists_.size() - 1});
}

void reader::rule() {
    begin_leaf();
    out_.add("———");
    end_leaf();
    while (read_to_ < source_.size() && is_blank_line(source_, read_to_)) {
        read_to_ = next_line(source_, read_to_);
    }
    read_to_ = std::min(source_.find('\n', read_to_), source_.size());
}

void reader::leave_code() {
    code_ = false;
    code_columns_ = 0;
    if (code_style_) {
        out_.drop_last_newline();
        out_.close(*std::exchange(code_style_, std::nullopt));
        after_code_ = true;
    }
}

void reader::leave_table() {
    const table read = std::move(*table_);
    table_.reset();
    begin_leaf();
    const std::size_t opened = out_.open(style::code_block);
    out_.add(drawn(read));
    out_.drop_last_newline();
    out_.close(opened);
    end_leaf();
}

// Lines

void reader::begin_leaf() {
    if (leaf_open_) {
        return;
    }
    const std::size_t breaks = breaks_before_leaf();
    if (started_) {
        out_.add_breaks(breaks);
    }
    started_ = true;
    after_code_ = false;
    after_quote_ = false;
    put_prefixes();
    out_.enter(frame_kind::leaf);
    leaf_open_ = true;
    if (std::exchange(heading_begins_, false)) {
        heading_ = out_.open(style::bold);
    }
}

void reader::end_leaf() {
    if (!leaf_open_) {
        return;
    }
    while (!styles_.empty()) {
        close_style();
    }
    if (heading_) {
        out_.close(*std::exchange(heading_, std::nullopt));
    }
    out_.leave();
    leaf_open_ = false;
}

// One, or two where the source has a blank line; that after a quote is needed to end it, and does not count.
std::size_t reader::breaks_before_leaf() {
    std::size_t at = read_to_;
    if (started_) {
        at = next_line(source_, at);
    }
    const auto skip_blank = [&] {
        std::size_t lines = 0;
        for (; at < source_.size() && is_blank_line(source_, at); ++lines) {
            at = next_line(source_, at);
        }
        return lines;
    };
    if (after_code_) {
        skip_blank();
        at = next_line(source_, at);  // the closing fence
    }
    const std::size_t blank = skip_blank();
    if (code_) {
        read_to_ = at;  // the line of the fence: there may be nothing but newlines in it
    }
    return std::clamp<std::size_t>(after_quote_ ? blank : blank + 1, 1, 2);
}

void reader::put_prefixes() {
    const std::size_t depth = prefixes_.empty() ? lists_.size() : prefixes_.front().depth;
    const std::string indentation(2 * std::min(depth, max_indented_lists), ' ');
    const bool quote_first = !prefixes_.empty() && prefixes_.front().mark.empty();
    if (!quote_first && !code_) {
        out_.add(indentation);
    }
    for (const prefix& each : prefixes_) {
        if (each.mark.empty()) {
            quote_ = out_.open(style::quote);
        } else {
            out_.add(each.mark);
        }
    }
    prefixes_.clear();
}

void reader::line_break() {
    read_to_ = next_line(source_, read_to_);
    out_.add_breaks(1);
    if (!lists_.empty()) {
        out_.add(std::string(2 * std::min(lists_.size(), max_indented_lists), ' '));
    }
}

// Styles

int reader::enter_span(MD_SPANTYPE type, void* detail) {
    if (table_) {
        return counted();
    }
    begin_leaf();
    out_.enter(frame_kind::span);
    open_style opened{.type = type};
    const auto open_link = [&](const MD_ATTRIBUTE& target, bool image) {
        std::string url = plain_of(target);
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
            open_link(static_cast<MD_SPAN_A_DETAIL*>(detail)->href, false);
            break;
        case MD_SPAN_IMG:
            open_link(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src, true);
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

int reader::take_text(MD_TEXTTYPE type, std::string_view text) {
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
        case MD_TEXT_NULLCHAR:
            out_.add("\xef\xbf\xbd");
            break;
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

// Finds `||`: exactly two bars, neither of them escaped. (An escape's backslash is left out between two texts.)
void reader::add_normal(std::string_view text) {
    const auto place = place_of(text);
    const bool escaped = place && *place != 0 && source_[*place - 1] == '\\' && read_to_ < *place;
    std::size_t from = 0;
    std::size_t at = escaped ? 1 : 0;
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

}  // namespace

rich_text read(std::string_view source) {
    if (is_plain(source) && utf8::is_valid(source)) {
        return {std::string(source), {}};
    }
    const std::string mended = utf8::is_valid(source) ? std::string{} : utf8::mended(source);
    const std::string_view valid = mended.empty() ? source : mended;
    if (valid.size() <= max_source_bytes && !is_costly(valid)) {
        if (auto result = reader(valid).run()) {
            return std::move(*result);
        }
    }
    return {utf8::mended(valid), {}};
}

}  // namespace gateway::markdown
