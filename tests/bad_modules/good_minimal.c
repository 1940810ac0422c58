/* A sound module that does nothing but connect. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"minimal\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
