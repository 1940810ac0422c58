/* Passes structs that claim to be shorter than they ever were. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_short_struct\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void connect_shortly(void* self) {
    const minimal* me = self;
    const gw_batch batch = {.struct_size = 8, .op = 1};
    const gw_event event = {.struct_size = 4, .kind = GW_EVENT_MESSAGE};
    const gw_batch shallow = {
        .struct_size = sizeof(shallow), .op = 2, .events = {.items = &event, .count = 1, .stride = 4}};
    const gw_failure failure = {.struct_size = 0};
    if (me->host->submit(me->self, &batch) != GW_ERR_INVALID ||
        me->host->submit(me->self, &shallow) != GW_ERR_INVALID || me->host->submit(me->self, NULL) != GW_ERR_INVALID ||
        me->host->lost(me->self, &failure) != GW_ERR_INVALID) {
        __builtin_trap();
    }
    minimal_connect(self);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_shortly,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
