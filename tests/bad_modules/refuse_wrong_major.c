/* Fault: made for another major version of the ABI. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"wrong-major\", \"version\": \"1.0.0\", \"abi\": {\"major\": 2, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
