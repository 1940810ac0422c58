/* Its second incarnation speaks in the name of the first: reports the loss that would hit the second. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_dead_incarnation\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static gw_token first;

static void speak_for_the_dead(void* self) {
    const minimal* me = self;
    const gw_failure why = {
        .struct_size = sizeof(why), .failure_class = GW_FAILURE_AUTH, .retry_after_ms = GW_NO_RETRY_AFTER};
    if (first.incarnation == 0) {
        first = me->self;
    } else if (me->host->lost(first, &why) != GW_ERR_STALE || me->host->closed(first) != GW_ERR_STALE) {
        __builtin_trap();
    }
    minimal_connect(self);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = speak_for_the_dead,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
