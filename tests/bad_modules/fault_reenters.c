/* Uses, from within each call, every host function that could lead to another call; a nested one would trap. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_reenters\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static int depth;

static void enter(void) {
    if (depth++ != 0) {
        __builtin_trap();
    }
}

static void leave(void) {
    --depth;
}

static void connect_and_more(void* self) {
    const minimal* me = self;
    const gw_timer* timer = me->host->extension(me->self, GW_EXT_TIMER);
    const gw_kv* kv = me->host->extension(me->self, GW_EXT_KV);
    const gw_str key = {"key", 3};
    const gw_batch nothing = {.struct_size = sizeof(nothing), .op = 3};
    enter();
    minimal_connect(self);
    (void)timer->start(me->self, 1, 0);
    (void)kv->get(me->self, 2, key);
    (void)me->host->submit(me->self, &nothing);
    (void)me->host->wake(me->self);
    (void)me->host->cancel(me->self, 1);
    leave();
}

static void complete_and_more(void* self, const gw_completion* completion) {
    const minimal* me = self;
    enter();
    if (completion->kind == GW_COMPLETION_KV) {
        const gw_failure why = {.struct_size = sizeof(why),
                                .failure_class = GW_FAILURE_TRANSIENT,
                                .code = {"asked", 5},
                                .retry_after_ms = 3600000};
        (void)me->host->lost(me->self, &why);
        (void)me->host->lost(me->self, &why);
        (void)me->host->closed(me->self);
    }
    leave();
}

static void close_within(void* self, int32_t reason) {
    enter();
    minimal_close(self, reason);
    leave();
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_and_more,
                                       .deliver = minimal_deliver,
                                       .on_completion = complete_and_more,
                                       .close = close_within,
                                       .destroy = minimal_destroy};
