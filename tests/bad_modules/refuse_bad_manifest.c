/* Fault: the manifest is not valid JSON. */
#include "minimal_adapter.h"

GW_MANIFEST("{\"name\": \"bad-manifest\", \"version\": }");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
