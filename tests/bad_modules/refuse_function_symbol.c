/* Fault: gateway_adapter_v1 is a function that answers the struct, not the struct itself. */
#define gateway_adapter_v1 declared_by_the_header
#include "minimal_adapter.h"
#undef gateway_adapter_v1

GW_MANIFEST("{\"name\": \"function-symbol\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static const gw_adapter adapter = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

GW_EXPORT const gw_adapter* gateway_adapter_v1(void);
const gw_adapter* gateway_adapter_v1(void) {
    return &adapter;
}
