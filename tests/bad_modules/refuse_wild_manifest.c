/* Fault: the struct's manifest points nowhere. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"wild-manifest\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = {(const char*)16, sizeof(gw_manifest_note.text) - 1},
                                       MINIMAL_FUNCTIONS};
