/* Fault: the manifest says one major version of the ABI, the struct another. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"wrong-major-in-memory\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {.struct_size = sizeof(gw_adapter),
                                       .abi_major = 2,
                                       .abi_minor = 0,
                                       .flags = 0,
                                       .manifest = GW_MANIFEST_TEXT,
                                       MINIMAL_FUNCTIONS};
