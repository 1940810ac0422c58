/* Basic types of the gateway's C ABI, version 1: strings, arrays, tokens, status codes, failures.
 *
 * Ownership: whatever one side hands to the other is borrowed until the call returns; copy what you keep.
 * Growth: a struct that starts with `struct_size` grows only at its end. The caller sets it to sizeof; the callee reads
 * up to the smaller of both sides' sizes and takes what is missing as zero. Structs without it are frozen.
 *
 * Rationale: no bool, long, bit-field, varargs or enum-typed member appears anywhere, since their size or passing
 * differs between compilers and languages. */
#ifndef GATEWAY_TYPES_H
#define GATEWAY_TYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_ABI_MAJOR 1u /* also the number in the name of the exported symbol, gateway_adapter_v1 */
#define GW_ABI_MINOR 0u /* counts additions; never needed to be equal */

/* UTF-8 text, not NUL-terminated; `data` may be NULL when `size` is 0. Frozen. */
typedef struct gw_str {
    const char* data;
    uint64_t size; /* bytes */
} gw_str;

/* Any bytes; `data` NULL means "absent", which differs from empty where a function says so. Frozen. */
typedef struct gw_bytes {
    const uint8_t* data;
    uint64_t size;
} gw_bytes;

/* `count` structs, each `stride` bytes after the one before, so that an array of a grown struct stays readable by a
 * side that knows the shorter one. Frozen. */
typedef struct gw_array {
    const void* items;
    uint32_t count;
    uint32_t stride; /* bytes; at least 4 when count > 0 */
} gw_array;

/* Names one incarnation of one instance. The host hands it to `create`; every host function takes it back. What a dead
 * incarnation still says is refused with GW_ERR_STALE, never applied to its successor. Frozen. */
typedef struct gw_token {
    uint32_t slot;
    uint32_t incarnation;
} gw_token;

/* Outcome of a call. The list is append-only; treat an unknown negative value as a failure. */
typedef int32_t gw_status;
#define GW_OK 0
#define GW_ERR_INVALID (-1)      /* an argument breaks its contract; the log says which */
#define GW_ERR_WRONG_THREAD (-2) /* only `wake` may be called from a thread of your own */
#define GW_ERR_OUTSIDE_CALL (-3) /* called while the host was not inside a call to this instance */
#define GW_ERR_STALE (-4)        /* the incarnation is dead */
#define GW_ERR_DUPLICATE (-5)    /* this operation id is pending already, or this was reported before */
#define GW_ERR_LIMIT (-6)        /* a bound stated at the function is exceeded */
#define GW_ERR_UNSUPPORTED (-7)  /* this host, or this build of it, cannot do that */
#define GW_ERR_UTF8 (-8)         /* a text is not valid UTF-8 */
#define GW_ERR_BUSY (-9)         /* back-pressure: nothing was taken; repeat after a completion, or after a while */
#define GW_ERR_CANCELLED (-10)   /* completion of an operation that was cancelled in time */
#define GW_ERR_TIMEOUT (-11)     /* completion: a deadline of the operation passed */
#define GW_ERR_NETWORK (-12)     /* completion: resolving, connecting, TLS, a reset, a broken protocol */
#define GW_ERR_IO (-13)          /* completion: the host's disk or a file named by the request */
#define GW_ERR_NOT_FOUND (-14)   /* no such key, operation or delivery */
#define GW_ERR_TOO_LARGE (-15)   /* completion: an answer is larger than the request allowed */
#define GW_ERR_CONFIG (-16)      /* `create`: the configuration cannot be used */

/* Why an instance is not connected. Retryable: TRANSIENT, RATE_LIMITED, CONFLICT, INTERNAL. Use TRANSIENT for whatever
 * you cannot classify. */
#define GW_FAILURE_TRANSIENT 1    /* network, 5xx, anything that may pass */
#define GW_FAILURE_RATE_LIMITED 2 /* the platform asks for a pause: set retry_after_ms */
#define GW_FAILURE_CONFLICT 3     /* another client holds the account */
#define GW_FAILURE_INTERNAL 4     /* crash, hang, broken contract */
#define GW_FAILURE_AUTH 5         /* the credentials are wrong or revoked */
#define GW_FAILURE_CONFIG 6       /* the configuration is wrong */
#define GW_FAILURE_UNSUPPORTED 7  /* cannot work with this host, platform or account */

#define GW_NO_RETRY_AFTER INT64_C(-1)
#define GW_MAX_CODE_BYTES 64u    /* longer ones are cut by the host */
#define GW_MAX_REASON_BYTES 512u /* likewise */

typedef struct gw_failure {
    uint32_t struct_size;
    int32_t failure_class;  /* GW_FAILURE_* */
    gw_str code;            /* short and stable: "dns", "http_502", "terminated_by_other_poll" */
    gw_str text;            /* one sentence for an operator; never a secret, never a URL that carries one */
    int64_t retry_after_ms; /* a floor under the host's own delay; GW_NO_RETRY_AFTER when none was given */
} gw_failure;

#ifdef __cplusplus
}
#endif
#endif
