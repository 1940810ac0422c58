/* Returns from close and never says that it is closed. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_never_closes\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void ignore(void* self, int32_t reason) {
    (void)self;
    (void)reason;
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = minimal_connect,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = ignore,
                                       .destroy = minimal_destroy};
