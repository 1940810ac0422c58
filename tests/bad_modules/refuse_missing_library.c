/* Fault: a library that it is linked with is not installed. */
#include "minimal_adapter.h"

int absent_function(void);

GW_MANIFEST("{\"name\": \"missing-library\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static const void* extension(const char* name) {
    (void)name;
    return absent_function() != 0 ? "" : NULL;
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS,
                                       .extension = extension};
