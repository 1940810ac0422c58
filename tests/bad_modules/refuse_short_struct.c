/* Fault: the exported struct ends after its first function, whatever it says about its size. */
#define gateway_adapter_v1 declared_by_the_header
#include "minimal_adapter.h"
#undef gateway_adapter_v1

GW_MANIFEST("{\"name\": \"short-struct\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

typedef struct short_adapter {
    uint32_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t flags;
    gw_str manifest;
    gw_status (*create)(const gw_host* host, gw_token self, const gw_config* config, void** ret_self);
} short_adapter;

extern GW_EXPORT const short_adapter gateway_adapter_v1;
const short_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, .create = minimal_create};
