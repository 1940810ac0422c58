/* Fault: the struct has another manifest than the note. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"manifest-differs\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static const char other[] = "{\"name\": \"another\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}";

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = {other, sizeof(other) - 1}, MINIMAL_FUNCTIONS};
