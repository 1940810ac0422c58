/* Fault: its constructor reads from where nothing is. */
#include "minimal_adapter.h"

GW_MANIFEST(
    "{\"name\": \"refuse_crashing_constructor\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

__attribute__((constructor)) static void crashing(void) {
    const volatile int* volatile nowhere = (const volatile int*)16; /* volatile, or compilers see through it */
    (void)*nowhere;
}
