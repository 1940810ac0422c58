/* Fault: says that its struct ends before the functions do. */
#include "minimal_adapter.h"

#include <stddef.h>

GW_MANIFEST("{\"name\": \"short-struct-size\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {.struct_size = offsetof(gw_adapter, on_completion),
                                       .abi_major = GW_ABI_MAJOR,
                                       .abi_minor = GW_ABI_MINOR,
                                       .flags = 0,
                                       .manifest = GW_MANIFEST_TEXT,
                                       MINIMAL_FUNCTIONS};
