/* Fault: a function that every adapter has is missing. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"null-function\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {
    MINIMAL_HEAD,    .manifest = GW_MANIFEST_TEXT,           .create = minimal_create, .connect = minimal_connect,
    .deliver = NULL, .on_completion = minimal_on_completion, .close = minimal_close,   .destroy = minimal_destroy};
