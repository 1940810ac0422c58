/* Spins in connect, using the host all the time. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_hang_connect\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void hang(void* self) {
    const minimal* me = self;
    for (;;) {
        (void)me->host->now_ms(me->self);
    }
}

const gw_adapter gateway_adapter_v1 = {
    MINIMAL_HEAD,           .manifest = GW_MANIFEST_TEXT, .create = minimal_create,
    .connect = hang,        .deliver = minimal_deliver,   .on_completion = minimal_on_completion,
    .close = minimal_close, .destroy = minimal_destroy};
