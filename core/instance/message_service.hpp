// Events, receipts and keys of instances: the ABI's structs turned into the core's and back, and the message plane
// asked.
//
// Loop thread. Bounds are those of gateway/message.h, checked by the plane.
#pragma once

#include "instance/abi_read.hpp"
#include "instance/record.hpp"
#include "message/model.hpp"

#include <gateway/gateway.h>

#include <cstdint>

namespace gateway::instance {

class instance_host;

class message_service {
public:
    explicit message_service(instance_host& host) : host_(host) {}

    gw_status submit(key from, record& of, const gw_batch& batch);
    gw_status receipt(key from, record& of, const gw_receipt& what);
    gw_status kv_get(key from, record& of, std::uint64_t op, gw_str name);

    // Calls `use` with the ABI's form of a delivery, which borrows from `what`.
    template <typename Use>
    void with_delivery(const message::delivery& what, Use use) const {
        const auto& said = what.message;
        gw_sender sender{};
        if (said.sender) {
            sender = {sizeof(gw_sender), said.sender->flags, borrow(said.sender->id), borrow(said.sender->name)};
        }
        const gw_message message{sizeof(gw_message),  0,
                                 borrow(said.id),     borrow(said.chat),
                                 borrow(said.thread), borrow(said.reply_to),
                                 borrow(said.text),   said.sender ? &sender : nullptr,
                                 said.time_ms,        borrow(said.extra)};
        use(gw_delivery{sizeof(gw_delivery), what.kind, what.id, what.flags, what.attempt, &message});
    }

private:
    instance_host& host_;
};

}  // namespace gateway::instance
