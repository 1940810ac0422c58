/* A sound module whose constructor waits at a gate: at the FIFO that GATEWAY_GATE names, as long as there is one, until
 * its writer goes. */
#include "minimal_adapter.h"

#include <fcntl.h>
#include <unistd.h>

GW_MANIFEST("{\"name\": \"gated\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

__attribute__((constructor)) static void wait_at_the_gate(void) {
    const char* path = getenv("GATEWAY_GATE");
    const int gate = path != NULL ? open(path, O_RDONLY) : -1;
    char nothing;
    if (gate >= 0) {
        while (read(gate, &nothing, 1) > 0) {
        }
        (void)close(gate);
    }
}
