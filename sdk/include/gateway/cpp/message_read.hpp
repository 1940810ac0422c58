// A message of the ABI as a view: what entry.hpp hands to an adapter.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/message.hpp>
#include <gateway/message.h>

#include <optional>

namespace gateway::sdk::detail {

[[nodiscard]] inline std::optional<sender_view> to_view(const gw_sender* raw) noexcept {
    if (raw == nullptr) {
        return std::nullopt;
    }
    const auto given = read_struct<gw_sender>(raw);
    return sender_view{view(given.id), view(given.name), (given.flags & GW_SENDER_BOT) != 0,
                       (given.flags & GW_SENDER_SELF) != 0};
}

[[nodiscard]] inline attachment_view to_view(const gw_attachment& given) noexcept {
    const bool known = given.kind >= GW_ATTACHMENT_FILE && given.kind <= GW_ATTACHMENT_STICKER;
    return {.kind = known ? attachment_kind{given.kind} : attachment_kind::file,
            .spoiler = (given.flags & GW_ATTACHMENT_SPOILER) != 0,
            .width = given.width,
            .height = given.height,
            .size = given.size,
            .duration_ms = given.duration_ms,
            .source = view(given.source),
            .id = view(given.id),
            .url = view(given.url),
            .path = view(given.path),
            .name = view(given.name),
            .mime_type = view(given.mime_type),
            .text = view(given.text)};
}

[[nodiscard]] inline message_view to_view(const gw_message& raw) {
    const auto given = read_struct<gw_message>(&raw);
    message_view said{.id = view(given.id),
                      .chat = view(given.chat),
                      .thread = view(given.thread),
                      .reply_to = view(given.reply_to),
                      .text = view(given.text),
                      .sender = to_view(given.sender),
                      .time_ms = given.time_ms,
                      .extra = view(given.extra),
                      .flags = given.flags,
                      .forwarded_from = to_view(given.forwarded_from)};
    for (const gw_attachment& each : struct_range<gw_attachment>(given.attachments)) {
        said.attachments.push_back(to_view(each));
    }
    for (const gw_button& each : struct_range<gw_button>(given.buttons)) {
        said.buttons.push_back({each.row, view(each.text), view(each.data), view(each.url)});
    }
    if (given.quote != nullptr) {
        const auto quoted = read_struct<gw_quote>(given.quote);
        said.quote = quote_view{view(quoted.text), (quoted.flags & GW_QUOTE_CHOSEN) != 0, to_view(quoted.sender)};
    }
    return said;
}

}  // namespace gateway::sdk::detail
