#include "instance/message_service.hpp"

#include "instance/abi_message.hpp"
#include "instance/abi_read.hpp"
#include "instance/instance_host.hpp"
#include "message/bounds.hpp"
#include "message/utf8.hpp"
#include "route/message_plane.hpp"

#include <string>
#include <utility>

namespace gateway::instance {
namespace {

gw_status copy_event(const gw_event& from, message::event& ret_event) {
    ret_event.kind = from.kind;
    if (!copy_text(from.dedupe_id, ret_event.dedupe_id)) {
        return GW_ERR_INVALID;
    }
    if (from.kind == GW_EVENT_CHAT) {
        const auto chat = read_struct(from.chat);
        if (!chat || !copy_text(chat->id, ret_event.chat.id) || !copy_text(chat->title, ret_event.chat.title) ||
            !copy_text(chat->previous_id, ret_event.chat.previous_id)) {
            return GW_ERR_INVALID;
        }
        ret_event.chat.kind = chat->kind;
        ret_event.chat.flags = chat->flags;
        return GW_OK;
    }
    return from.kind >= GW_EVENT_MESSAGE && from.kind <= GW_EVENT_TYPING
               ? copy_message(from.message, ret_event.message)
               : GW_OK;  // of a later SDK: skipped by the plane
}

gw_status copy_write(const gw_kv_write& from, message::kv_write& ret_write) {
    if (!copy_text(from.key, ret_write.key) || from.value.size > 16 * message::max_value_bytes) {
        return GW_ERR_INVALID;
    }
    if (from.value.data != nullptr) {
        ret_write.value.emplace(view(from.value));
    }
    return GW_OK;
}

}  // namespace

gw_status message_service::submit(key from, record& of, const gw_batch& batch) {
    if (const auto status = host_.start_operation(of, batch.op); status != GW_OK) {
        return status;
    }
    message::batch taken;
    taken.events.reserve(std::min<std::size_t>(batch.events.count, message::max_batch_events));
    auto status = read_array<gw_event>(batch.events, message::max_batch_events, [&](const gw_event& each) {
        return copy_event(each, taken.events.emplace_back());
    });
    if (status == GW_OK) {
        status = read_array<gw_kv_write>(batch.writes, message::max_batch_writes, [&](const gw_kv_write& each) {
            return copy_write(each, taken.writes.emplace_back());
        });
    }
    if (status != GW_OK) {
        host_.complain(of, status == GW_ERR_LIMIT
                               ? "gw_batch holds more than 1,000 events or 64 writes, or one of its messages more "
                                 "than 16 attachments or 100 buttons"
                               : "gw_batch holds a struct whose struct_size or stride is too small, or a text at NULL");
        return status;
    }
    std::string fault;
    status = host_.with().plane.submit(
        static_cast<std::uint32_t>(from.slot), std::move(taken),
        [this, from, op = batch.op](gw_status committed) {
            host_.complete(from, op, plain_call{GW_COMPLETION_COMMIT, op, committed});
        },
        &fault);
    if (status == GW_OK) {
        of.operations.push_back({batch.op, 0, operation_kind::commit});
    } else if (!fault.empty()) {
        host_.complain(of, fault);
    }
    return status;
}

gw_status message_service::receipt(key from, record& of, const gw_receipt& what) {
    message::receipt taken;
    if (!copy_text(what.code, taken.code) || !copy_text(what.text, taken.text) ||
        !copy_texts(what.message_ids, GW_MAX_MESSAGE_IDS, taken.message_ids)) {
        host_.complain(of,
                       "gw_receipt holds a text at NULL, or more than 64 message_ids, or their stride is too small");
        return GW_ERR_INVALID;
    }
    taken.calls = what.calls;
    taken.outcome = what.outcome;
    taken.delivery = what.delivery;
    taken.retry_after_ms = what.retry_after_ms;
    taken.scope = what.scope;
    std::string fault;
    const auto status = host_.with().plane.receipt(static_cast<std::uint32_t>(from.slot), std::move(taken), &fault);
    if (status == GW_ERR_NOT_FOUND) {
        host_.complain(of, "it answers a delivery that it does not have, or has answered already");
    } else if (!fault.empty()) {
        host_.complain(of, fault);
    }
    return status;
}

gw_status message_service::kv_get(key from, record& of, std::uint64_t op, gw_str name) {
    if (const auto status = host_.start_operation(of, op); status != GW_OK) {
        return status;
    }
    if (dangling(name) || name.size == 0 || name.size > message::max_key_bytes || !message::is_utf8(view(name))) {
        host_.complain(of, "a key is empty, longer than 255 bytes or not valid UTF-8");
        return GW_ERR_INVALID;
    }
    of.operations.push_back({op, 0, operation_kind::kv});
    host_.with().plane.kv_get(static_cast<std::uint32_t>(from.slot), std::string(view(name)),
                              [this, from, op](gw_status status, std::string value) {
                                  host_.complete(from, op, kv_call{op, status, std::move(value)});
                              });
    return GW_OK;
}

}  // namespace gateway::instance
