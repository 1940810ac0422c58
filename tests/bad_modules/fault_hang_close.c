/* Never returns from close. */
#include "minimal_adapter.h"

#include <unistd.h>

GW_MANIFEST("{\"name\": \"fault_hang_close\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void hang(void* self, int32_t reason) {
    (void)self;
    (void)reason;
    for (;;) {
        pause();
    }
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = minimal_connect,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = hang,
                                       .destroy = minimal_destroy};
