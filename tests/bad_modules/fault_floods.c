/* Logs, wakes and submits without end, as fast as the host takes it. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_floods\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void flood(const minimal* me) {
    static uint64_t op;
    const gw_str word = {"flood", 5};
    const gw_message message = {.struct_size = sizeof(message), .id = word, .chat = word, .text = word};
    const gw_event event = {.struct_size = sizeof(event), .kind = GW_EVENT_MESSAGE, .message = &message};
    for (int i = 0; i < 1000; ++i) {
        (void)me->host->log(me->self, GW_LOG_ERROR, word);
        (void)me->host->wake(me->self);
    }
    for (int i = 0; i < 100; ++i) {
        const gw_batch batch = {
            .struct_size = sizeof(batch), .op = ++op, .events = {.items = &event, .count = 1, .stride = sizeof(event)}};
        (void)me->host->submit(me->self, &batch);
    }
}

static void connect_and_flood(void* self) {
    minimal_connect(self);
    flood(self);
}

static void flood_on(void* self, const gw_completion* completion) {
    (void)completion;
    flood(self);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_and_flood,
                                       .deliver = minimal_deliver,
                                       .on_completion = flood_on,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
