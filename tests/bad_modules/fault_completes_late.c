/* Answers a delivery only in its next incarnation, after losing its connection over it. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_completes_late\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static uint64_t unanswered;

static void answer_the_last_one(void* self) {
    minimal_connect(self);
    if (unanswered != 0) {
        const gw_delivery old = {.struct_size = sizeof(old), .id = unanswered};
        minimal_deliver(self, &old);
        unanswered = 0;
    }
}

static void lose_it(void* self, const gw_delivery* delivery) {
    const minimal* me = self;
    const gw_failure why = {
        .struct_size = sizeof(why), .failure_class = GW_FAILURE_TRANSIENT, .retry_after_ms = GW_NO_RETRY_AFTER};
    if ((delivery->flags & GW_DELIVERY_REPEATED) != 0) {
        minimal_deliver(self, delivery);
        return;
    }
    unanswered = delivery->id;
    (void)me->host->lost(me->self, &why);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = answer_the_last_one,
                                       .deliver = lose_it,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
