// Throws when it is asked for its extensions.
#include <gateway/gateway.h>

#include <stdexcept>

GW_MANIFEST(R"({"name": "fault_throwing_extension", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");

namespace {

struct instance {
    const gw_host* host;
    gw_token self;
};

gw_status create(const gw_host* host, gw_token self, const gw_config* /*config*/, void** ret_self) {
    *ret_self = new instance{host, self};
    return GW_OK;
}

void connect(void* self) {
    const auto* me = static_cast<const instance*>(self);
    (void)me->host->connected(me->self, nullptr);
}

void deliver(void* /*self*/, const gw_delivery* /*delivery*/) {}

void on_completion(void* /*self*/, const gw_completion* /*completion*/) {}

void close(void* self, std::int32_t /*reason*/) {
    const auto* me = static_cast<const instance*>(self);
    (void)me->host->closed(me->self);
}

void destroy(void* self) {
    delete static_cast<instance*>(self);
}

const void* extension(const char* /*name*/) {
    throw std::runtime_error("no such \xff thing");
}

}  // namespace

const gw_adapter gateway_adapter_v1 = {sizeof(gw_adapter), GW_ABI_MAJOR, GW_ABI_MINOR, 0,
                                       GW_MANIFEST_TEXT,   create,       connect,      deliver,
                                       on_completion,      close,        destroy,      extension};
