// Lets an exception leave connect, past its C function pointer.
#include "minimal_adapter.h"

#include <stdexcept>

GW_MANIFEST(R"({"name": "fault_throws", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");

static void connect(void* /*self*/) {
    throw std::runtime_error("nobody catches this here");
}

const gw_adapter gateway_adapter_v1 = {
    MINIMAL_HEAD,           .manifest = GW_MANIFEST_TEXT, .create = minimal_create,
    .connect = connect,     .deliver = minimal_deliver,   .on_completion = minimal_on_completion,
    .close = minimal_close, .destroy = minimal_destroy,   .extension = nullptr};
