/* Timers, on the host's clock: virtual in a simulation. */
#ifndef GATEWAY_EXT_TIMER_H
#define GATEWAY_EXT_TIMER_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_TIMER "gateway.timer/1"

typedef struct gw_timer {
    uint32_t struct_size;
    uint32_t flags;
    /* Completes with GW_COMPLETION_TIMER after `delay_ms` (0 … 30 days); cancel with host->cancel. At most 64 pending
     * an instance. [instance] */
    gw_status (*start)(gw_token self, uint64_t op, int64_t delay_ms);
} gw_timer;

#ifdef __cplusplus
}
#endif
#endif
