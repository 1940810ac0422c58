/* Says everything twice: that it is connected, each receipt, that it is closed. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_completes_twice\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void connect_twice(void* self) {
    minimal_connect(self);
    minimal_connect(self);
}

static void deliver_twice(void* self, const gw_delivery* delivery) {
    minimal_deliver(self, delivery);
    minimal_deliver(self, delivery);
}

static void close_twice(void* self, int32_t reason) {
    minimal_close(self, reason);
    minimal_close(self, reason);
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_twice,
                                       .deliver = deliver_twice,
                                       .on_completion = minimal_on_completion,
                                       .close = close_twice,
                                       .destroy = minimal_destroy};
