#include "telegram_plan.hpp"

#include "markdown_reader.hpp"
#include "telegram_text.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace gateway::telegram {
namespace {

using markdown::rich_text;
using sdk::attachment_kind;
using sdk::delivery_kind;

bool is_address(std::string_view chat) {
    return parse_number(chat).has_value() || (chat.size() > 1 && chat.front() == '@');
}

std::optional<std::int64_t> message_id(std::string_view text) {
    const auto number = parse_number(text);
    return number && *number > 0 ? number : std::nullopt;
}

bool has_a_path(const sdk::attachment_view& from) {
    return from.path.starts_with('/') && from.path.size() <= max_path_bytes &&
           from.path.find('\0') == std::string_view::npos;
}

bool is_web_address(std::string_view url) {
    return url.starts_with("https://") || url.starts_with("http://");
}

outgoing_file read_file(const sdk::attachment_view& from, std::string_view own_name) {
    outgoing_file file{.kind = from.kind,
                       .url = std::string(is_web_address(from.url) ? from.url : std::string_view{}),
                       .name = std::string(from.name),
                       .mime_type = std::string(from.mime_type),
                       .text = std::string(from.text),
                       .spoiler = from.spoiler,
                       .width = from.width,
                       .height = from.height,
                       .size = from.size,
                       .duration_ms = from.duration_ms};
    if (!from.id.empty() && !own_name.empty() && from.source == own_name) {
        file.way = file_way::id;
        file.reference = from.id;
    } else if (has_a_path(from)) {
        file.way = file_way::path;
        file.reference = from.path;
    } else if (!from.id.empty() && !from.source.empty()) {
        file.way = file_way::get;
        file.reference = from.id;
        file.source = from.source;
    } else if (!file.url.empty()) {
        file.way = file_way::url;
        file.reference = file.url;
    }
    return file;
}

bool is_uploaded(const outgoing_file& file) {
    return file.way == file_way::path || file.way == file_way::get;
}

std::optional<refusal> read_buttons(const std::vector<sdk::button_view>& from, keyboard& ret_rows) {
    std::optional<std::uint32_t> row;
    for (const sdk::button_view& each : from) {
        if (each.text.empty() || each.data.empty() == each.url.empty()) {
            return refusal{"bad_button", "A button needs a label, and either data or a URL."};
        }
        if (each.data.size() > max_callback_data_bytes) {
            return refusal{"button_too_long", "A button's data may have " + std::to_string(max_callback_data_bytes) +
                                                  " bytes on Telegram, and this one has " +
                                                  std::to_string(each.data.size()) + "."};
        }
        if (row != each.row) {
            row = each.row;
            ret_rows.push_back(boost::json::array{});
        }
        boost::json::object button{{"text", each.text}};
        each.url.empty() ? button["callback_data"] = each.data : button["url"] = each.url;
        ret_rows.back().get_array().push_back(std::move(button));
    }
    return std::nullopt;
}

std::optional<refusal> read_content(const sdk::message_view& from, std::string_view own_name, order& ret_order) {
    ret_order.text = markdown::read(from.text);
    if (is_invisible(ret_order.text.text)) {
        ret_order.text = {};
    }
    for (const sdk::attachment_view& each : from.attachments) {
        ret_order.files.push_back(read_file(each, own_name));
        const outgoing_file& file = ret_order.files.back();
        if (ret_order.kind == delivery_kind::message && is_uploaded(file) && file.size > max_upload_bytes) {
            return too_large(file);
        }
    }
    if (ret_order.text.text.empty() && ret_order.files.empty()) {
        return refusal{"empty", "There is no text to send."};
    }
    return read_buttons(from.buttons, ret_order.buttons);
}

std::optional<refusal> read_targets(const sdk::delivery_view& from, order& ret_order) {
    for (const std::string_view each : from.targets) {
        const auto id = message_id(each);
        if (!id) {
            return refusal{"bad_target", "The id of a Telegram message is a positive number."};
        }
        ret_order.targets.push_back(*id);
    }
    if (ret_order.targets.empty()) {
        return refusal{"no_target", "It is not known which message is meant."};
    }
    return std::nullopt;
}

void append_line(std::string_view line, rich_text& ret_text) {
    if (!ret_text.text.empty()) {
        ret_text.text += '\n';
    }
    ret_text.text += line;
}

std::string words_for(const outgoing_file& file) {
    return "[" + clean_utf8(called(file), 255) + ": could not be fetched]";
}

void add_texts(const rich_text& text, std::vector<step>& ret_steps) {
    for (rich_text& piece : split_text(text)) {
        ret_steps.push_back({.text = std::move(piece)});
    }
}

// Neighbours that may be together are an album.
void add_files(std::vector<outgoing_file>&& files, std::vector<step>& ret_steps) {
    for (outgoing_file& file : files) {
        const int album = album_of(file.kind);
        const bool joins = album != 0 && !ret_steps.empty() && ret_steps.back().files.size() < max_album_files &&
                           album_of(ret_steps.back().files.front().kind) == album;
        if (!joins) {
            ret_steps.push_back({.kind = step_kind::file});
        } else {
            ret_steps.back().kind = step_kind::album;
        }
        ret_steps.back().files.push_back(std::move(file));
    }
}

void replace(std::vector<step>& ret_steps, std::size_t at, std::vector<step> instead) {
    const auto after = ret_steps.erase(ret_steps.begin() + static_cast<std::ptrdiff_t>(at));
    ret_steps.insert(after, std::make_move_iterator(instead.begin()), std::make_move_iterator(instead.end()));
}

// An album becomes its files, one by one.
void split(std::vector<step>& ret_steps, std::size_t at) {
    step was = std::move(ret_steps[at]);
    std::vector<step> instead;
    for (outgoing_file& file : was.files) {
        step made{.kind = step_kind::file};
        made.files.push_back(std::move(file));
        instead.push_back(std::move(made));
    }
    instead.front().text = std::move(was.text);
    replace(ret_steps, at, std::move(instead));
}

// The text as one caption, if it fits.
std::optional<rich_text> as_caption(const rich_text& text) {
    std::vector<rich_text> pieces = split_text(text, max_caption_units);
    return pieces.size() == 1 ? std::optional(std::move(pieces.front())) : std::nullopt;
}

std::vector<step> message_steps(order& what) {
    std::vector<step> steps;
    for (outgoing_file& each : what.files) {
        // What is too large for a photo goes as it is.
        if (each.kind == attachment_kind::photo && each.way == file_way::path && each.size > max_photo_bytes) {
            each.kind = attachment_kind::file;
        }
        if (each.way == file_way::none) {
            append_line(words_for(each), what.text);
        }
    }
    std::erase_if(what.files, [](const outgoing_file& each) { return each.way == file_way::none; });
    add_files(std::exchange(what.files, {}), steps);
    // Buttons are below the last message, and an album has none.
    const bool buttons = !what.buttons.empty();
    const bool may_caption = !steps.empty() && has_caption(steps.front().files.front().kind) &&
                             (!buttons || (steps.size() == 1 && steps.front().kind == step_kind::file));
    std::optional<rich_text> caption;
    if (may_caption && !what.text.text.empty()) {
        caption = as_caption(what.text);
    }
    if (caption) {
        steps.front().text = std::move(*caption);
    } else {
        add_texts(what.text, steps);
    }
    if (buttons && steps.back().kind == step_kind::album) {
        split(steps, steps.size() - 1);
    }
    steps.back().buttons = buttons;
    return steps;
}

// The first piece changes the caption of `message`; what does not fit follows as messages.
void add_caption_edit(std::int64_t message, std::vector<std::int64_t> kept, const rich_text& text, bool buttons,
                      std::vector<step>& ret_steps) {
    std::vector<rich_text> pieces = split_text(text, max_caption_units);
    step first{.kind = step_kind::edit_caption, .messages = {message}, .kept = std::move(kept)};
    if (!pieces.empty()) {
        first.text = std::move(pieces.front());
    }
    ret_steps.push_back(std::move(first));
    for (std::size_t index = 1; index < pieces.size(); ++index) {
        ret_steps.push_back({.text = std::move(pieces[index])});
    }
    ret_steps.back().buttons = buttons;
}

std::vector<step> edit_steps(order& what) {
    std::vector<step> steps;
    std::vector<std::int64_t>& targets = what.targets;
    const bool buttons = !what.buttons.empty();
    const std::size_t files = what.files.size();
    if (files != 0 && targets.size() <= files) {
        add_caption_edit(targets.front(), {targets.begin() + 1, targets.end()}, what.text, buttons, steps);
        return steps;
    }
    // The files came first, and the text after them.
    std::vector<std::int64_t> kept(targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(files));
    std::vector<std::int64_t> texts(targets.begin() + static_cast<std::ptrdiff_t>(files), targets.end());
    std::vector<rich_text> pieces = split_text(what.text);
    std::size_t next = 0;
    for (rich_text& piece : pieces) {
        step made{.text = std::move(piece)};
        if (next < texts.size()) {
            made.kind = step_kind::edit_text;
            made.messages = {texts[next++]};
        }
        steps.push_back(std::move(made));
    }
    if (!steps.empty()) {
        steps.back().buttons = buttons;
    }
    if (next < texts.size()) {
        steps.push_back(
            {.kind = step_kind::remove, .messages = {texts.begin() + static_cast<std::ptrdiff_t>(next), texts.end()}});
    }
    if (!steps.empty()) {
        steps.front().kept = std::move(kept);
    }
    return steps;
}

std::vector<step> remove_steps(const order& what) {
    std::vector<step> steps;
    for (std::size_t at = 0; at < what.targets.size(); at += max_messages_deleted) {
        const std::size_t end = std::min(what.targets.size(), at + max_messages_deleted);
        steps.push_back({.kind = step_kind::remove,
                         .messages = {what.targets.begin() + static_cast<std::ptrdiff_t>(at),
                                      what.targets.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
    return steps;
}

}  // namespace

std::optional<place> read_place(const sdk::message_view& what) {
    place where{.chat = std::string(what.chat),
                .thread = parse_number(what.thread),
                .reply_to = message_id(what.reply_to),
                .silent = what.has(GW_MESSAGE_SILENT),
                .no_preview = what.has(GW_MESSAGE_NO_PREVIEW)};
    const bool usable = is_address(what.chat) && (what.thread.empty() || where.thread);
    return usable ? std::optional(std::move(where)) : std::nullopt;
}

refusal too_large(const outgoing_file& file) {
    return {"too_large", std::string(called(file)) + " is larger than " +
                             std::to_string(max_upload_bytes / 1024 / 1024) +
                             " MB, which is the most that Telegram takes from a bot."};
}

std::variant<order, refusal> read_delivery(const sdk::delivery_view& what, std::string_view own_name) {
    auto where = read_place(what.message);
    if (!where) {
        return refusal{"bad_address", "A Telegram chat is a number or @name, and a thread is a number."};
    }
    order made{.kind = what.kind, .where = std::move(*where)};
    std::optional<refusal> wrong;
    switch (what.kind) {
        case delivery_kind::message:
            wrong = read_content(what.message, own_name, made);
            break;
        case delivery_kind::edit:
            wrong = read_content(what.message, own_name, made);
            wrong = wrong ? std::move(wrong) : read_targets(what, made);
            break;
        case delivery_kind::reaction:
            if (!what.message.has(GW_MESSAGE_REMOVED)) {
                made.text = markdown::read(what.message.text);
                if (is_invisible(made.text.text)) {
                    wrong = refusal{"empty", "There is no emoji to react with."};
                }
            }
            wrong = wrong ? std::move(wrong) : read_targets(what, made);
            break;
        case delivery_kind::remove:
            wrong = read_targets(what, made);
            break;
        default:
            wrong = refusal{"unsupported", "Telegram has nothing of this kind."};
    }
    if (wrong) {
        return std::move(*wrong);
    }
    return made;
}

std::vector<step> steps_of(order& what) {
    switch (what.kind) {
        case delivery_kind::edit:
            return edit_steps(what);
        case delivery_kind::remove:
            return remove_steps(what);
        case delivery_kind::reaction: {
            step made{.kind = step_kind::react, .text = std::move(what.text), .messages = {what.targets.front()}};
            return {std::move(made)};
        }
        default:
            return message_steps(what);
    }
}

request request_for(const order& what, const step& now, bool first) {
    place where = what.where;
    if (!first) {
        where.reply_to.reset();  // the first one answers; the others follow it
    }
    const keyboard buttons = now.buttons ? what.buttons : keyboard{};
    switch (now.kind) {
        case step_kind::edit_text:
            return edit_text_request(where, now.messages.front(), now.text, buttons);
        case step_kind::edit_caption:
            return edit_caption_request(where, now.messages.front(), now.text, buttons);
        case step_kind::remove:
            return delete_messages_request(where, now.messages);
        case step_kind::react:
            return set_reaction_request(where, now.messages.front(), now.text);
        case step_kind::file:
            return send_file_request(where, now.files.front(), now.text, buttons);
        case step_kind::album:
            return send_media_group_request(where, now.files, now.text);
        case step_kind::text:
            break;
    }
    return send_message_request(where, now.text, buttons);
}

bool is_repeatable(step_kind kind) {
    return kind == step_kind::edit_text || kind == step_kind::edit_caption || kind == step_kind::remove ||
           kind == step_kind::react;
}

bool edit_caption_instead(std::vector<step>& ret_steps, std::size_t at) {
    if (ret_steps[at].kind != step_kind::edit_text) {
        return false;
    }
    step was = std::move(ret_steps[at]);
    // What the message's text was, its files may be: nothing is deleted.
    std::vector<std::int64_t> kept = std::move(was.kept);
    for (const step& each : ret_steps) {
        if (each.kind == step_kind::remove) {
            kept.insert(kept.end(), each.messages.begin(), each.messages.end());
        }
    }
    std::erase_if(ret_steps, [](const step& each) { return each.kind == step_kind::remove; });
    std::vector<step> instead;
    add_caption_edit(was.messages.front(), std::move(kept), was.text, was.buttons, instead);
    replace(ret_steps, at, std::move(instead));
    return true;
}

bool split_album(std::vector<step>& ret_steps, std::size_t at) {
    if (ret_steps[at].kind != step_kind::album) {
        return false;
    }
    split(ret_steps, at);
    return true;
}

bool send_as_document(std::vector<step>& ret_steps, std::size_t at) {
    step& now = ret_steps[at];
    if (now.kind != step_kind::file || now.files.front().kind == attachment_kind::file ||
        now.files.front().way == file_way::id) {
        return false;
    }
    now.files.front().kind = attachment_kind::file;
    return true;
}

bool name_file(std::vector<step>& ret_steps, std::size_t at) {
    step& now = ret_steps[at];
    if (now.kind != step_kind::file) {
        return false;
    }
    append_line(words_for(now.files.front()), now.text);
    now.files.clear();
    now.kind = step_kind::text;
    return true;
}

}  // namespace gateway::telegram
