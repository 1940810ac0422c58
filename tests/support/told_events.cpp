#include "support/told_events.hpp"

#include "instance/abi_message.hpp"
#include "message/bounds.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace gateway::test {
namespace {

std::string name_of_kind(std::int32_t kind) {
    constexpr std::array<std::string_view, 9> names{"?",        "message",     "chat",   "edit",  "delete",
                                                    "reaction", "interaction", "member", "typing"};
    return std::string(kind > 0 && static_cast<std::size_t>(kind) < names.size() ? names[static_cast<std::size_t>(kind)]
                                                                                 : "?");
}

std::string name_of_file(std::int32_t kind) {
    constexpr std::array<std::string_view, 9> names{"?",     "file",       "photo",     "audio",  "voice",
                                                    "video", "video note", "animation", "sticker"};
    return std::string(kind > 0 && static_cast<std::size_t>(kind) < names.size() ? names[static_cast<std::size_t>(kind)]
                                                                                 : "?");
}

std::string who(const message::sender& of) {
    return of.id + "=" + of.name + ((of.flags & GW_SENDER_BOT) != 0 ? " (bot)" : "") +
           ((of.flags & GW_SENDER_SELF) != 0 ? " (self)" : "");
}

void add_text(const std::string& text, std::vector<std::string>& ret_lines) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        ret_lines.push_back("  text " + text.substr(at, end - at));
        at = end + 1;
    }
}

std::string file_line(const message::attachment& file) {
    std::string line = "  " + name_of_file(file.kind) + " " + file.id;
    if (file.width != 0 || file.height != 0) {
        line.append(" ").append(std::to_string(file.width)).append("x").append(std::to_string(file.height));
    }
    if (file.size != 0) {
        line.append(" ").append(std::to_string(file.size)).append(" bytes");
    }
    if (file.duration_ms != 0) {
        line.append(" ").append(std::to_string(file.duration_ms)).append(" ms");
    }
    for (const auto& [what, value] :
         {std::pair{" name=", &file.name}, {" type=", &file.mime_type}, {" url=", &file.url}, {" says=", &file.text}}) {
        line += value->empty() ? "" : what + *value;
    }
    return line + ((file.flags & GW_ATTACHMENT_SPOILER) != 0 ? " spoiler" : "");
}

void add_enclosed(const message::enclosure& what, std::vector<std::string>& ret_lines) {
    for (const auto& file : what.attachments) {
        ret_lines.push_back(file_line(file));
    }
    if (what.quote) {
        ret_lines.push_back(std::string("  quotes ") + ((what.quote->flags & GW_QUOTE_CHOSEN) != 0 ? "chosen " : "") +
                            (what.quote->sender ? who(*what.quote->sender) + ": " : "") + what.quote->text);
    }
    if (what.forwarded_from) {
        ret_lines.push_back("  forwarded from " + who(*what.forwarded_from));
    }
}

void add_message(const message::event& event, std::vector<std::string>& ret_lines) {
    const message::message& of = event.message;
    std::string line = name_of_kind(event.kind) + " " + of.chat + (of.thread.empty() ? "" : "/" + of.thread);
    line += of.id.empty() ? "" : " #" + of.id;
    line += of.reply_to.empty() ? "" : " -> #" + of.reply_to;
    line += of.sender ? " by " + who(*of.sender) : "";
    line += of.time_ms == 0 ? "" : " @" + std::to_string(of.time_ms / 1'000);
    for (const auto& [flag, name] : {std::pair{GW_MESSAGE_ADDRESSED, " addressed"},
                                     {GW_MESSAGE_SYSTEM, " system"},
                                     {GW_MESSAGE_REMOVED, " removed"}}) {
        line += (of.flags & flag) != 0 ? name : "";
    }
    ret_lines.push_back(line + " [" + event.dedupe_id + "]");
    add_text(of.text, ret_lines);
    if (of.enclosed) {
        add_enclosed(*of.enclosed, ret_lines);
    }
    if (!of.extra.empty()) {
        ret_lines.push_back("  extra " + of.extra);
    }
}

std::string chat_line(const message::chat& chat) {
    const std::string kind = chat.kind == GW_CHAT_PRIVATE   ? "private"
                             : chat.kind == GW_CHAT_CHANNEL ? "channel"
                                                            : "group";
    return "chat " + kind + " " + chat.id + " \"" + chat.title + "\"" +
           (chat.previous_id.empty() ? "" : " was " + chat.previous_id) +
           ((chat.flags & GW_CHAT_GONE) != 0 ? " gone" : "");
}

}  // namespace

told read_told(const sdk::batch& what) {
    told read;
    const gw_batch raw = what.to_gw(sdk::op_id{1});
    for (const gw_event event : sdk::struct_range<gw_event>(raw.events)) {
        message::event& made = read.batch.events.emplace_back();
        made.kind = event.kind;
        bool right = instance::copy_text(event.dedupe_id, made.dedupe_id);
        if (event.kind == GW_EVENT_CHAT) {
            made.chat.kind = event.chat->kind;
            made.chat.flags = event.chat->flags;
            right = right && instance::copy_text(event.chat->id, made.chat.id) &&
                    instance::copy_text(event.chat->title, made.chat.title) &&
                    instance::copy_text(event.chat->previous_id, made.chat.previous_id);
        } else {
            right = right && instance::copy_message(event.message, made.message) == GW_OK;
        }
        if (!right && read.problem.empty()) {
            read.problem = "event " + std::to_string(read.batch.events.size() - 1) + " cannot be read";
        }
    }
    for (const gw_kv_write write : sdk::struct_range<gw_kv_write>(raw.writes)) {
        read.batch.writes.push_back({std::string(sdk::view(write.key)), std::string(sdk::view(write.value))});
    }
    if (read.problem.empty()) {
        read.problem = message::check(read.batch).text;
    }
    return read;
}

std::vector<std::string> said_lines(const message::batch& what) {
    std::vector<std::string> lines;
    for (const message::event& each : what.events) {
        if (each.kind == GW_EVENT_CHAT) {
            lines.push_back(chat_line(each.chat));
        } else {
            add_message(each, lines);
        }
    }
    for (const message::kv_write& each : what.writes) {
        lines.push_back("write " + each.key + " = " + each.value.value_or("(deleted)"));
    }
    return lines;
}

}  // namespace gateway::test
