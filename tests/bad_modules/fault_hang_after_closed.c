/* Says that it is closed, and then never returns from close. */
#include "minimal_adapter.h"

#include <unistd.h>

GW_MANIFEST("{\"name\": \"fault_hang_after_closed\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void close_and_hang(void* self, int32_t reason) {
    volatile minimal* me = self;
    minimal_close(self, reason);
    while (me->host != NULL) { /* traps or worse if somebody frees it meanwhile */
        (void)pause();
    }
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = minimal_connect,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = close_and_hang,
                                       .destroy = minimal_destroy};
