/* Randomness: from the system, or from the seed in a simulation. */
#ifndef GATEWAY_EXT_RANDOM_H
#define GATEWAY_EXT_RANDOM_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_RANDOM "gateway.random/1"

typedef struct gw_random {
    uint32_t struct_size;
    uint32_t flags;
    /* Fills `ret_bytes` with `size` bytes (at most 4,096) fit for secrets. [instance] */
    gw_status (*fill)(gw_token self, uint8_t* ret_bytes, uint64_t size);
} gw_random;

#ifdef __cplusplus
}
#endif
#endif
