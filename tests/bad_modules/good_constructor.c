/* A sound module that leaves a trace when any of its code runs: it makes the file that GATEWAY_TRACE_FILE names. */
#include "minimal_adapter.h"

#include <stdio.h>

GW_MANIFEST("{\"name\": \"constructor\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

__attribute__((constructor)) static void leave_a_trace(void) {
    const char* path = getenv("GATEWAY_TRACE_FILE");
    FILE* trace = path != NULL ? fopen(path, "w") : NULL;
    if (trace != NULL) {
        (void)fclose(trace);
    }
}
