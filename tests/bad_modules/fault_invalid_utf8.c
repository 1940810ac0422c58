/* Emits text that is not UTF-8: in an event, a key, its identity, its log. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_invalid_utf8\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void connect_garbled(void* self) {
    const minimal* me = self;
    const gw_str garbled = {"\xff\xfe\xc0", 3};
    const gw_str chat = {"c", 1};
    const gw_message message = {.struct_size = sizeof(message), .id = chat, .chat = chat, .text = garbled};
    const gw_event event = {.struct_size = sizeof(event), .kind = GW_EVENT_MESSAGE, .message = &message};
    const gw_batch batch = {
        .struct_size = sizeof(batch), .op = 1, .events = {.items = &event, .count = 1, .stride = sizeof(event)}};
    const gw_identity identity = {.struct_size = sizeof(identity), .id = garbled};
    (void)me->host->log(me->self, GW_LOG_WARNING, garbled);
    if (me->host->submit(me->self, &batch) != GW_ERR_UTF8 || me->host->connected(me->self, &identity) != GW_ERR_UTF8) {
        __builtin_trap();
    }
    minimal_connect(self);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_garbled,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
