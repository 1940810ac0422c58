#include "markdown_reader.hpp"

#include "markdown_callbacks.hpp"
#include "markdown_source.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <utility>

namespace gateway::markdown {
namespace {

constexpr unsigned md4c_flags =
    MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTMLBLOCKS;

}  // namespace

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

rich_text read(std::string_view source) {
    if (is_plain(source) && utf8::is_valid(source)) {
        return {std::string(source), {}};
    }
    const bool clean = utf8::is_valid(source) && source.find('\0') == std::string_view::npos;
    const std::string valid = clean ? std::string(source) : utf8::mended(source);
    if (valid.size() <= max_source_bytes && !is_costly(valid)) {
        if (auto result = reader(valid).run()) {
            return std::move(*result);
        }
    }
    return {valid, {}};
}

}  // namespace gateway::markdown
