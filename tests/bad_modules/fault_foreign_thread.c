/* Reports from a thread of its own, although its manifest knows of none. */
#include "minimal_adapter.h"

#include <pthread.h>

GW_MANIFEST("{\"name\": \"fault_foreign_thread\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

static void* report(void* self) {
    minimal_connect(self);
    return NULL;
}

static void connect_elsewhere(void* self) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, report, self) == 0) {
        (void)pthread_join(thread, NULL);
    }
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = minimal_create,
                                       .connect = connect_elsewhere,
                                       .deliver = minimal_deliver,
                                       .on_completion = minimal_on_completion,
                                       .close = minimal_close,
                                       .destroy = minimal_destroy};
