/* Fault: requires an extension that no host offers. */
#include "minimal_adapter.h"

GW_MANIFEST(
    "{\"name\": \"requirement\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}, \"requires\": "
    "[\"gateway.timer/1\", \"gateway.time-travel/1\"]}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};
