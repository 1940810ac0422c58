/* Crashes in connect. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_crashes\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void crash(void* self) {
    (void)self;
    __builtin_trap();
}

const gw_adapter gateway_adapter_v1 = {
    MINIMAL_HEAD,           .manifest = GW_MANIFEST_TEXT, .create = minimal_create,
    .connect = crash,       .deliver = minimal_deliver,   .on_completion = minimal_on_completion,
    .close = minimal_close, .destroy = minimal_destroy};
