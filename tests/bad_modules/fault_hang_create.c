/* Never returns from create. */
#include "minimal_adapter.h"

#include <unistd.h>

GW_MANIFEST("{\"name\": \"fault_hang_create\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static gw_status hang(const gw_host* host, gw_token self, const gw_config* config, void** ret_self) {
    (void)host;
    (void)self;
    (void)config;
    (void)ret_self;
    while (pause() != 0) {
    }
    return GW_ERR_INVALID;
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = hang,
                                       .connect = minimal_connect,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
