#include "instance/abi_message.hpp"

#include "instance/abi_read.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace gateway::instance {
namespace {

bool copy_sender(const gw_sender* from, std::optional<message::sender>& ret_sender) {
    if (from == nullptr) {
        return true;
    }
    const auto read = read_struct(from);
    auto& known = ret_sender.emplace();
    if (!read || !copy_text(read->id, known.id) || !copy_text(read->name, known.name)) {
        return false;
    }
    known.flags = read->flags;
    return true;
}

gw_status copy_attachment(const gw_attachment& from, message::attachment& ret_attachment) {
    ret_attachment.kind = from.kind;
    ret_attachment.flags = from.flags;
    ret_attachment.width = from.width;
    ret_attachment.height = from.height;
    ret_attachment.size = from.size;
    ret_attachment.duration_ms = from.duration_ms;
    const bool right = copy_text(from.id, ret_attachment.id) && copy_text(from.url, ret_attachment.url) &&
                       copy_text(from.path, ret_attachment.path) && copy_text(from.name, ret_attachment.name) &&
                       copy_text(from.mime_type, ret_attachment.mime_type) && copy_text(from.text, ret_attachment.text);
    return right ? GW_OK : GW_ERR_INVALID;
}

gw_status copy_button(const gw_button& from, message::button& ret_button) {
    ret_button.row = from.row;
    const bool right = copy_text(from.text, ret_button.text) && copy_text(from.data, ret_button.data) &&
                       copy_text(from.url, ret_button.url);
    return right ? GW_OK : GW_ERR_INVALID;
}

gw_status copy_enclosure(const gw_message& from, message::enclosure& ret_enclosure) {
    auto status = read_array<gw_attachment>(from.attachments, GW_MAX_ATTACHMENTS, [&](const gw_attachment& each) {
        return copy_attachment(each, ret_enclosure.attachments.emplace_back());
    });
    if (status == GW_OK) {
        status = read_array<gw_button>(from.buttons, GW_MAX_BUTTONS, [&](const gw_button& each) {
            return copy_button(each, ret_enclosure.buttons.emplace_back());
        });
    }
    if (status != GW_OK) {
        return status;
    }
    if (from.quote != nullptr) {
        const auto read = read_struct(from.quote);
        auto& quoted = ret_enclosure.quote.emplace();
        if (!read || !copy_text(read->text, quoted.text) || !copy_sender(read->sender, quoted.sender)) {
            return GW_ERR_INVALID;
        }
        quoted.flags = read->flags;
    }
    return copy_sender(from.forwarded_from, ret_enclosure.forwarded_from) ? GW_OK : GW_ERR_INVALID;
}

gw_sender to_abi(const message::sender& from) {
    return {sizeof(gw_sender), from.flags, borrow(from.id), borrow(from.name)};
}

}  // namespace

bool copy_text(gw_str from, std::string& ret_text) {
    if (dangling(from) || from.size > 16 * GW_MAX_TEXT_BYTES) {
        return false;
    }
    ret_text.assign(view(from));
    return true;
}

bool copy_texts(const gw_array& from, std::size_t most, std::vector<std::string>& ret_texts) {
    if (from.count == 0) {
        return true;
    }
    if (from.count > most || from.items == nullptr || from.stride < sizeof(gw_str)) {
        return false;
    }
    const auto* at = static_cast<const unsigned char*>(from.items);
    for (std::uint32_t i = 0; i < from.count; ++i, at += from.stride) {
        gw_str each{};
        std::memcpy(&each, at, sizeof each);
        if (!copy_text(each, ret_texts.emplace_back())) {
            return false;
        }
    }
    return true;
}

gw_status copy_message(const gw_message* from, message::message& ret_message) {
    const auto read = read_struct(from);
    if (!read || !copy_text(read->id, ret_message.id) || !copy_text(read->chat, ret_message.chat) ||
        !copy_text(read->thread, ret_message.thread) || !copy_text(read->reply_to, ret_message.reply_to) ||
        !copy_text(read->text, ret_message.text) || !copy_text(read->extra, ret_message.extra) ||
        !copy_sender(read->sender, ret_message.sender)) {
        return GW_ERR_INVALID;
    }
    ret_message.flags = read->flags;
    ret_message.time_ms = read->time_ms;
    if (read->attachments.count == 0 && read->buttons.count == 0 && read->quote == nullptr &&
        read->forwarded_from == nullptr) {
        return GW_OK;
    }
    auto enclosed = std::make_shared<message::enclosure>();
    const gw_status status = copy_enclosure(*read, *enclosed);
    ret_message.enclosed = std::move(enclosed);
    return status;
}

borrowed_delivery::borrowed_delivery(const message::delivery& what) {
    const auto& said = what.message;
    message_.struct_size = sizeof(gw_message);
    message_.flags = said.flags;
    message_.id = borrow(said.id);
    message_.chat = borrow(said.chat);
    message_.thread = borrow(said.thread);
    message_.reply_to = borrow(said.reply_to);
    message_.text = borrow(said.text);
    message_.time_ms = said.time_ms;
    message_.extra = borrow(said.extra);
    if (said.sender) {
        sender_ = to_abi(*said.sender);
        message_.sender = &sender_;
    }
    if (said.enclosed) {
        enclose(*said.enclosed);
    }
    for (const auto& each : what.targets) {
        targets_.push_back(borrow(each));
    }
    delivery_ = {.struct_size = sizeof(gw_delivery),
                 .kind = what.kind,
                 .id = what.id,
                 .flags = what.flags,
                 .attempt = what.attempt,
                 .message = &message_,
                 .targets = {targets_.data(), static_cast<std::uint32_t>(targets_.size()), sizeof(gw_str)}};
}

void borrowed_delivery::enclose(const message::enclosure& what) {
    for (const auto& each : what.attachments) {
        attachments_.push_back({.struct_size = sizeof(gw_attachment),
                                .kind = each.kind,
                                .flags = each.flags,
                                .width = each.width,
                                .height = each.height,
                                .reserved = 0,
                                .size = each.size,
                                .duration_ms = each.duration_ms,
                                .source = borrow(each.source),
                                .id = borrow(each.id),
                                .url = borrow(each.url),
                                .path = borrow(each.path),
                                .name = borrow(each.name),
                                .mime_type = borrow(each.mime_type),
                                .text = borrow(each.text)});
    }
    for (const auto& each : what.buttons) {
        buttons_.push_back({sizeof(gw_button), each.row, borrow(each.text), borrow(each.data), borrow(each.url)});
    }
    message_.attachments = {attachments_.data(), static_cast<std::uint32_t>(attachments_.size()),
                            sizeof(gw_attachment)};
    message_.buttons = {buttons_.data(), static_cast<std::uint32_t>(buttons_.size()), sizeof(gw_button)};
    if (what.quote) {
        quote_ = {sizeof(gw_quote), what.quote->flags, borrow(what.quote->text), nullptr};
        if (what.quote->sender) {
            quoted_ = to_abi(*what.quote->sender);
            quote_.sender = &quoted_;
        }
        message_.quote = &quote_;
    }
    if (what.forwarded_from) {
        forwarded_from_ = to_abi(*what.forwarded_from);
        message_.forwarded_from = &forwarded_from_;
    }
}

}  // namespace gateway::instance
