/* The functions of an adapter that does nothing but connect, for modules in C or C++ whose fault lies elsewhere. */
#ifndef MINIMAL_ADAPTER_H
#define MINIMAL_ADAPTER_H

#include <gateway/gateway.h>

#include <stdlib.h>
#include <string.h>

#define UNUSED_IN_SOME __attribute__((unused))

typedef struct minimal {
    const gw_host* host;
    gw_token self;
} minimal;

UNUSED_IN_SOME static gw_status minimal_create(const gw_host* host, gw_token self, const gw_config* config,
                                               void** ret_self) {
    minimal* made = (minimal*)malloc(sizeof(minimal));
    (void)config;
    if (made == NULL) {
        return GW_ERR_LIMIT;
    }
    made->host = host;
    made->self = self;
    *ret_self = made;
    return GW_OK;
}

UNUSED_IN_SOME static void minimal_connect(void* self) {
    const minimal* me = (const minimal*)self;
    (void)me->host->connected(me->self, NULL);
}

UNUSED_IN_SOME static void minimal_deliver(void* self, const gw_delivery* delivery) {
    const minimal* me = (const minimal*)self;
    gw_receipt receipt;
    memset(&receipt, 0, sizeof(receipt));
    receipt.struct_size = sizeof(receipt);
    receipt.outcome = GW_OUTCOME_SENT;
    receipt.delivery = delivery->id;
    (void)me->host->receipt(me->self, &receipt);
}

UNUSED_IN_SOME static void minimal_on_completion(void* self, const gw_completion* completion) {
    (void)self;
    (void)completion;
}

UNUSED_IN_SOME static void minimal_close(void* self, int32_t reason) {
    const minimal* me = (const minimal*)self;
    (void)reason;
    (void)me->host->closed(me->self);
}

UNUSED_IN_SOME static void minimal_destroy(void* self) {
    free(self);
}

#define MINIMAL_HEAD .struct_size = sizeof(gw_adapter), .abi_major = GW_ABI_MAJOR, .abi_minor = GW_ABI_MINOR, .flags = 0

#define MINIMAL_FUNCTIONS                                                             \
    .create = minimal_create, .connect = minimal_connect, .deliver = minimal_deliver, \
    .on_completion = minimal_on_completion, .close = minimal_close, .destroy = minimal_destroy

#endif
