/* Fault: calls a function that nobody defines. */
#include "minimal_adapter.h"

int nobody_defines_this(void);

GW_MANIFEST("{\"name\": \"unresolved-symbol\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static const void* extension(const char* name) {
    (void)name;
    return nobody_defines_this() != 0 ? "" : NULL;
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS,
                                       .extension = extension};
