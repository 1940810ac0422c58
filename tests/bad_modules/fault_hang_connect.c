/* The instance named "bad" spins in connect, using the host all the time; others connect. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"fault_hang_connect\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

typedef struct named {
    minimal base;
    int is_bad;
} named;

static gw_status create(const gw_host* host, gw_token self, const gw_config* config, void** ret_self) {
    named* made = malloc(sizeof(named));
    if (made == NULL) {
        return GW_ERR_LIMIT;
    }
    made->base.host = host;
    made->base.self = self;
    made->is_bad = config->name.size == 3 && memcmp(config->name.data, "bad", 3) == 0;
    *ret_self = made;
    return GW_OK;
}

static void hang(void* self) {
    const named* me = self;
    while (me->is_bad) {
        (void)me->base.host->now_ms(me->base.self);
    }
    minimal_connect(self);
}

const gw_adapter gateway_adapter_v1 = {
    MINIMAL_HEAD,           .manifest = GW_MANIFEST_TEXT, .create = create,
    .connect = hang,        .deliver = minimal_deliver,   .on_completion = minimal_on_completion,
    .close = minimal_close, .destroy = minimal_destroy};
