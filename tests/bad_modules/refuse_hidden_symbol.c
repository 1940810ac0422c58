/* Fault: the struct has another name, and so nothing is exported. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"hidden-symbol\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
