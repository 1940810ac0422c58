/* What the host offers every instance. Optional abilities are extensions, see gateway/ext/.
 *
 * Threads: [instance] = only from within a call the host makes to this instance (create excepted: there only
 * `now_ms`, `unix_ms`, `log` and randomness work); [any] = from any thread.
 * No function blocks, and none calls back into the instance before it returns. */
#ifndef GATEWAY_HOST_H
#define GATEWAY_HOST_H

#include <gateway/delivery.h>
#include <gateway/event.h>
#include <gateway/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_LOG_DEBUG 1
#define GW_LOG_INFO 2
#define GW_LOG_WARNING 3
#define GW_LOG_ERROR 4

/* Who the account is on its platform, for people and for telling one's own messages. */
typedef struct gw_identity {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    gw_str id;
    gw_str name;
} gw_identity;

typedef struct gw_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    gw_str version; /* of the host, e.g. "0.1.0" */

    /* Monotonic milliseconds from an arbitrary start; virtual in a simulation. [instance] */
    int64_t (*now_ms)(gw_token self);
    /* Unix time in milliseconds; may step. [instance] */
    int64_t (*unix_ms)(gw_token self);
    /* The extension's function table, valid as long as the module is loaded; NULL when this host lacks it. `name` is
     * NUL-terminated, e.g. GW_EXT_TIMER. [any] */
    const void* (*extension)(gw_token self, const char* name);

    /* Online is proven: authenticated and receiving. Once per incarnation. `identity` may be NULL. [instance] */
    gw_status (*connected)(gw_token self, const gw_identity* identity);
    /* The connection could not be made, or is lost. The host closes this incarnation and alone decides about another.
     * The first report counts; later ones answer GW_ERR_DUPLICATE. [instance] */
    gw_status (*lost)(gw_token self, const gw_failure* failure);
    /* `close` is done; `destroy` follows. [instance] */
    gw_status (*closed)(gw_token self);

    /* Hands over events and key-value writes as one transaction. Completes with GW_COMPLETION_COMMIT. [instance] */
    gw_status (*submit)(gw_token self, const gw_batch* batch);
    /* The outcome of a delivery, once each. GW_ERR_NOT_FOUND: not handed to this incarnation, or answered already.
     * Works while closing too. [instance] */
    gw_status (*receipt)(gw_token self, const gw_receipt* receipt);

    /* Asks to end a pending operation early: it completes with GW_ERR_CANCELLED, or with what it reached before.
     * GW_ERR_NOT_FOUND when it is not pending. A commit and the reading of a key cannot be cancelled. [instance] */
    gw_status (*cancel)(gw_token self, uint64_t op);

    /* One line for the operator, cut at 4 KiB, at most 100 a second; no message text above debug level. [instance] */
    gw_status (*log)(gw_token self, int32_t level, gw_str text);

    /* Makes the host call `on_completion` with GW_COMPLETION_WAKE soon; several wakes may become one call. The token of
     * a dead incarnation is harmless. [any] */
    gw_status (*wake)(gw_token self);
} gw_host;

/* Kinds of completion; append-only, ignore what you do not know. Each names the struct that `gw_completion` heads. */
#define GW_COMPLETION_WAKE 1    /* gw_completion; op is 0 */
#define GW_COMPLETION_COMMIT 2  /* gw_completion */
#define GW_COMPLETION_TIMER 3   /* gw_completion */
#define GW_COMPLETION_KV 4      /* gw_kv_value */
#define GW_COMPLETION_HTTP 5    /* gw_http_response */
#define GW_COMPLETION_WS 6      /* gw_ws_event */
#define GW_COMPLETION_FILE 7    /* gw_file */
#define GW_COMPLETION_INBOUND 8 /* gw_inbound_request */

#define GW_COMPLETION_MORE 1u /* not the last one of this operation */

/* The head of every completion. An accepted operation gets exactly one without GW_COMPLETION_MORE, unless its
 * incarnation dies first; from then on, within that call already, its number may be used again. Cast to the struct that
 * `kind` names. */
typedef struct gw_completion {
    uint32_t struct_size; /* of the whole struct */
    int32_t kind;
    uint64_t op; /* as given when the operation was started */
    gw_status status;
    uint32_t flags;
} gw_completion;

#ifdef __cplusplus
}
#endif
#endif
