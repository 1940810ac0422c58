/* Fault: needs more of the ABI than this host has. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"newer-minor\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 9999}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
