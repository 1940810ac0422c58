// Events and key-value writes that are committed together: see gw_batch in gateway/message.h.
//
// A batch owns copies of all it was given, so that it can wait while the host is busy. Bounds are the host's: at most
// 1,000 events and 64 writes.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/message.hpp>
#include <gateway/message.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::sdk {

class batch {
public:
    // An event whose `dedupe_id` the journal holds already is dropped; an empty one never is.
    batch& add_message(const message_view& said, std::string_view dedupe_id = {}) {
        const sender_view from = said.sender.value_or(sender_view{});
        texts copies(
            {dedupe_id, said.id, said.chat, said.thread, said.reply_to, said.text, said.extra, from.id, from.name});
        event_record record{};
        record.event = {sizeof(gw_event), GW_EVENT_MESSAGE, copies.add(dedupe_id), nullptr, nullptr};
        record.message = {.struct_size = sizeof(gw_message),
                          .flags = 0,
                          .id = copies.add(said.id),
                          .chat = copies.add(said.chat),
                          .thread = copies.add(said.thread),
                          .reply_to = copies.add(said.reply_to),
                          .text = copies.add(said.text),
                          .sender = nullptr,
                          .time_ms = said.time_ms,
                          .extra = copies.add(said.extra)};
        if (said.sender) {
            record.sender = {sizeof(gw_sender), (from.bot ? GW_SENDER_BOT : 0u) | (from.self ? GW_SENDER_SELF : 0u),
                             copies.add(from.id), copies.add(from.name)};
        }
        record.text = copies.release();
        events_.push_back(std::move(record));
        return *this;
    }

    // An entry of the chat directory.
    batch& add_chat(const chat_view& chat) {
        texts copies({chat.id, chat.title});
        event_record record{};
        record.event = {sizeof(gw_event), GW_EVENT_CHAT, {}, nullptr, nullptr};
        record.chat = {sizeof(gw_chat), static_cast<std::int32_t>(chat.kind), copies.add(chat.id),
                       copies.add(chat.title)};
        record.text = copies.release();
        events_.push_back(std::move(record));
        return *this;
    }

    batch& put(std::string_view key, std::string_view value) {
        texts copies({key, value});
        const gw_str key_copy = copies.add(key);
        const gw_str value_copy = copies.add(value);
        write(key_copy, to_gw_bytes(view(value_copy)), copies.release());
        return *this;
    }

    // Deletes the key.
    batch& remove(std::string_view key) {
        texts copies({key});
        const gw_str key_copy = copies.add(key);
        write(key_copy, {nullptr, 0}, copies.release());
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
            record.message.sender = record.sender.struct_size != 0 ? &record.sender : nullptr;
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
    class texts {
    public:
        explicit texts(std::initializer_list<std::string_view> all) {
            std::size_t bytes = 1;  // never none: an empty value differs from an absent one
            for (const std::string_view text : all) {
                bytes += text.size();
            }
            block_ = std::make_unique_for_overwrite<char[]>(bytes);
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

    // The ABI's arrays have a stride, so the records themselves are the arrays: the struct first, what it needs after.
    struct event_record {
        gw_event event;
        gw_message message;
        gw_sender sender;
        gw_chat chat;
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
