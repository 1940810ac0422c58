/* Fault: no manifest in a note. */
#include "minimal_adapter.h"

static const char text[] = "{\"name\": \"no-note\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}";

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = {text, sizeof(text) - 1}, MINIMAL_FUNCTIONS};
