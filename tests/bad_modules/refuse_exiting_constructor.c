/* Fault: its constructor ends the process. */
#include "minimal_adapter.h"

GW_MANIFEST(
    "{\"name\": \"refuse_exiting_constructor\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

__attribute__((constructor)) static void exiting(void) {
    exit(3);
}
