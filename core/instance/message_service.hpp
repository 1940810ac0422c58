// Events, receipts and keys of instances: the ABI's structs turned into the core's, and the message plane asked.
//
// Loop thread. Bounds are those of gateway/message.h, checked by the plane.
#pragma once

#include "instance/record.hpp"

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

private:
    instance_host& host_;
};

}  // namespace gateway::instance
