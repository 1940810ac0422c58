// Events and key-value writes that are committed together: see gateway/event.h.
//
// A batch owns copies of all it was given, so that it can wait while the host is busy. Bounds are the host's: at most
// 1,000 events and 64 writes.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/message.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/event.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::sdk {

// What happened; gateway/event.h says which members of a message count for which.
enum class event_kind : std::int32_t {
    message = GW_EVENT_MESSAGE,
    edit = GW_EVENT_EDIT,
    remove = GW_EVENT_DELETE,
    reaction = GW_EVENT_REACTION,
    interaction = GW_EVENT_INTERACTION,
    member = GW_EVENT_MEMBER,
    typing = GW_EVENT_TYPING
};

class batch {
public:
    // An event whose `dedupe_id` the journal holds already is dropped; an empty one never is.
    batch& add_message(const message_view& said, std::string_view dedupe_id = {}) {
        return add(event_kind::message, said, dedupe_id);
    }
    batch& add(event_kind kind, const message_view& what, std::string_view dedupe_id = {}) {
        event_record& record = events_.emplace_back();
        text_block texts(bytes_of(what) + dedupe_id.size());
        record.event = {sizeof(gw_event), static_cast<std::int32_t>(kind), texts.add(dedupe_id), nullptr, nullptr};
        record.message = {.struct_size = sizeof(gw_message),
                          .flags = what.flags,
                          .id = texts.add(what.id),
                          .chat = texts.add(what.chat),
                          .thread = texts.add(what.thread),
                          .reply_to = texts.add(what.reply_to),
                          .text = texts.add(what.text),
                          .sender = nullptr,
                          .time_ms = what.time_ms,
                          .extra = texts.add(what.extra),
                          .attachments = {},
                          .buttons = {},
                          .quote = nullptr,
                          .forwarded_from = nullptr};
        record.sender = sender_of(what.sender, texts);
        if (!what.attachments.empty() || !what.buttons.empty() || what.quote || what.forwarded_from) {
            record.rest = std::make_unique<rest>(what, texts);
        }
        record.text = texts.release();
        return *this;
    }

    // An entry of the chat directory.
    batch& add_chat(const chat_view& chat) {
        event_record& record = events_.emplace_back();
        text_block texts(chat.id.size() + chat.title.size() + chat.previous_id.size());
        record.event = {sizeof(gw_event), GW_EVENT_CHAT, {}, nullptr, nullptr};
        record.chat = {.struct_size = sizeof(gw_chat),
                       .kind = static_cast<std::int32_t>(chat.kind),
                       .id = texts.add(chat.id),
                       .title = texts.add(chat.title),
                       .previous_id = texts.add(chat.previous_id),
                       .flags = chat.gone ? GW_CHAT_GONE : 0u,
                       .reserved = 0};
        record.text = texts.release();
        return *this;
    }

    batch& put(std::string_view key, std::string_view value) {
        text_block texts(key.size() + value.size());
        const gw_str key_copy = texts.add(key);
        const gw_str value_copy = texts.add(value);
        write(key_copy, to_gw_bytes(view(value_copy)), texts.release());
        return *this;
    }

    // Deletes the key.
    batch& remove(std::string_view key) {
        text_block texts(key.size());
        const gw_str key_copy = texts.add(key);
        write(key_copy, {nullptr, 0}, texts.release());
        return *this;
    }

    void clear() noexcept {
        events_.clear();
        writes_.clear();
    }
    [[nodiscard]] bool empty() const noexcept { return events_.empty() && writes_.empty(); }
    [[nodiscard]] std::size_t events() const noexcept { return events_.size(); }
    [[nodiscard]] std::size_t writes() const noexcept { return writes_.size(); }

    // As the ABI wants it; borrows from this batch until it changes or moves.
    [[nodiscard]] gw_batch to_gw(op_id op) const noexcept {
        for (event_record& record : events_) {
            record.event.message = record.message.struct_size != 0 ? &record.message : nullptr;
            record.message.sender = present(record.sender);
            if (record.rest) {
                record.rest->link(record.message);
            }
            record.event.chat = record.chat.struct_size != 0 ? &record.chat : nullptr;
        }
        return {.struct_size = sizeof(gw_batch),
                .flags = 0,
                .op = static_cast<std::uint64_t>(op),
                .events = {events_.data(), static_cast<std::uint32_t>(events_.size()), sizeof(event_record)},
                .writes = {writes_.data(), static_cast<std::uint32_t>(writes_.size()), sizeof(write_record)}};
    }

private:
    // All texts of one record in one allocation, which does not move with the record.
    class text_block {
    public:
        // One byte more: an empty value differs from an absent one.
        explicit text_block(std::size_t bytes) : block_(std::make_unique_for_overwrite<char[]>(bytes + 1)) {
            at_ = block_.get();
        }
        gw_str add(std::string_view text) noexcept {
            const gw_str copy{at_, text.size()};
            at_ = std::copy(text.begin(), text.end(), at_);
            return copy;
        }
        std::unique_ptr<char[]> release() noexcept { return std::move(block_); }

    private:
        std::unique_ptr<char[]> block_;
        char* at_ = nullptr;
    };

    [[nodiscard]] static std::size_t bytes_of(const std::optional<sender_view>& who) noexcept {
        return who ? who->id.size() + who->name.size() : 0;
    }
    [[nodiscard]] static std::size_t bytes_of(const message_view& what) noexcept {
        std::size_t bytes = what.id.size() + what.chat.size() + what.thread.size() + what.reply_to.size() +
                            what.text.size() + what.extra.size() + bytes_of(what.sender) +
                            bytes_of(what.forwarded_from);
        for (const attachment_view& file : what.attachments) {
            bytes += file.id.size() + file.url.size() + file.path.size() + file.name.size() + file.mime_type.size() +
                     file.text.size();
        }
        for (const button_view& each : what.buttons) {
            bytes += each.text.size() + each.data.size() + each.url.size();
        }
        return bytes + (what.quote ? what.quote->text.size() + bytes_of(what.quote->sender) : 0);
    }

    // struct_size 0 when there is none.
    [[nodiscard]] static gw_sender sender_of(const std::optional<sender_view>& who, text_block& texts) noexcept {
        if (!who) {
            return {};
        }
        return {sizeof(gw_sender), (who->bot ? GW_SENDER_BOT : 0u) | (who->self ? GW_SENDER_SELF : 0u),
                texts.add(who->id), texts.add(who->name)};
    }
    [[nodiscard]] static const gw_sender* present(const gw_sender& who) noexcept {
        return who.struct_size != 0 ? &who : nullptr;
    }

    // What few messages have.
    struct rest {
        rest(const message_view& what, text_block& texts)
            : forwarded_from(sender_of(what.forwarded_from, texts)),
              quoted(sender_of(what.quote ? what.quote->sender : std::nullopt, texts)) {
            for (const attachment_view& file : what.attachments) {
                attachments.push_back({.struct_size = sizeof(gw_attachment),
                                       .kind = static_cast<std::int32_t>(file.kind),
                                       .flags = file.spoiler ? GW_ATTACHMENT_SPOILER : 0u,
                                       .width = file.width,
                                       .height = file.height,
                                       .reserved = 0,
                                       .size = file.size,
                                       .duration_ms = file.duration_ms,
                                       .source = {},
                                       .id = texts.add(file.id),
                                       .url = texts.add(file.url),
                                       .path = texts.add(file.path),
                                       .name = texts.add(file.name),
                                       .mime_type = texts.add(file.mime_type),
                                       .text = texts.add(file.text)});
            }
            for (const button_view& each : what.buttons) {
                buttons.push_back(
                    {sizeof(gw_button), each.row, texts.add(each.text), texts.add(each.data), texts.add(each.url)});
            }
            if (what.quote) {
                quote = {sizeof(gw_quote), what.quote->chosen ? GW_QUOTE_CHOSEN : 0u, texts.add(what.quote->text),
                         nullptr};
            }
        }

        void link(gw_message& ret_message) noexcept {
            quote.sender = present(quoted);
            ret_message.attachments = {attachments.data(), static_cast<std::uint32_t>(attachments.size()),
                                       sizeof(gw_attachment)};
            ret_message.buttons = {buttons.data(), static_cast<std::uint32_t>(buttons.size()), sizeof(gw_button)};
            ret_message.quote = quote.struct_size != 0 ? &quote : nullptr;
            ret_message.forwarded_from = present(forwarded_from);
        }

        std::vector<gw_attachment> attachments;
        std::vector<gw_button> buttons;
        gw_quote quote{};
        gw_sender forwarded_from;
        gw_sender quoted;
    };

    // The ABI's arrays have a stride, so the records themselves are the arrays: the struct first, what it needs after.
    struct event_record {
        gw_event event;
        gw_message message;
        gw_sender sender;
        gw_chat chat;
        std::unique_ptr<batch::rest> rest;
        std::unique_ptr<char[]> text;
    };
    struct write_record {
        gw_kv_write write;
        std::unique_ptr<char[]> text;
    };

    void write(gw_str key, gw_bytes value, std::unique_ptr<char[]> text) {
        writes_.push_back({{sizeof(gw_kv_write), 0, key, value}, std::move(text)});
    }

    mutable std::vector<event_record> events_;  // mutable: to_gw links the parts of each record where they lie now
    std::vector<write_record> writes_;
};

}  // namespace gateway::sdk
