/* The instance's durable key-value state: survives incarnations, restarts and crashes. Written with host->submit, alone
 * or together with events. Bounds: see gw_kv_write. */
#ifndef GATEWAY_EXT_KV_H
#define GATEWAY_EXT_KV_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_KV "gateway.kv/1"

/* GW_COMPLETION_KV: status GW_OK, or GW_ERR_NOT_FOUND, or GW_ERR_IO. */
typedef struct gw_kv_value {
    gw_completion base;
    gw_bytes value;
} gw_kv_value;

typedef struct gw_kv {
    uint32_t struct_size;
    uint32_t flags;
    /* Reads a key; sees every write whose submit was accepted before. [instance] */
    gw_status (*get)(gw_token self, uint64_t op, gw_str key);
} gw_kv;

#ifdef __cplusplus
}
#endif
#endif
