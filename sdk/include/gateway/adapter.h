/* The adapter: what a module exports, in the order of an instance's life.
 *
 * A module exports one data symbol, `gateway_adapter_v1`, of type gw_adapter, and nothing else; and it carries its
 * manifest in an ELF note (gateway/manifest.h).
 *
 *   create ─▶ connect ─▶ (deliver | on_completion)* ─▶ close ─▶ (on_completion)* ─▶ destroy
 *
 * Threads: all calls to one instance are serialised and never re-entrant; instances must not depend on which thread
 * calls them. Each call returns soon (100 ms is already a bug): start operations and wait for their completions.
 * A call that does not return is abandoned with its incarnation; after three within an hour the instance stays away
 * until the hour is over.
 * Exceptions and longjmp must not leave a function; the C++ face stops them. */
#ifndef GATEWAY_ADAPTER_H
#define GATEWAY_ADAPTER_H

#include <gateway/delivery.h>
#include <gateway/host.h>
#include <gateway/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an instance is created from. */
typedef struct gw_config {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    gw_str name;    /* of the instance, as in [adapters.NAME] */
    gw_str json;    /* its table as a JSON object without the host's own keys; secrets resolved; valid against the
                       manifest's schema. It may hold secrets: never log it. */
} gw_config;

#define GW_CLOSE_RECONNECT 1 /* a fresh incarnation may follow: leave the platform's session resumable */
#define GW_CLOSE_STOP 2      /* the host stops: likewise */
#define GW_CLOSE_END 3       /* paused or removed by an operator: end the platform's session */

#if defined(_MSC_VER)
#error "The gateway's ABI version 1 is for ELF platforms."
#endif
#define GW_EXPORT __attribute__((visibility("default")))

typedef struct gw_adapter {
    uint32_t struct_size;
    uint32_t abi_major; /* GW_ABI_MAJOR */
    uint32_t abi_minor; /* GW_ABI_MINOR */
    uint32_t flags;     /* 0 in this revision */
    gw_str manifest;    /* equal to the note's text */

    /* Makes an instance; no I/O. On GW_OK `*ret_self` is set and lives until `destroy`; otherwise nothing is left
     * behind and `destroy` is not called. `host` lives as long as the module is loaded. */
    gw_status (*create)(const gw_host* host, gw_token self, const gw_config* config, void** ret_self);
    /* Starts connecting. Answer with host->connected or host->lost, within the connect deadline. */
    void (*connect)(void* self);
    /* Sends one delivery; only while online. Answer with host->receipt. */
    void (*deliver)(void* self, const gw_delivery* delivery);
    /* An operation came to an end, or progressed. */
    void (*on_completion)(void* self, const gw_completion* completion);
    /* Say goodbye to the platform and answer with host->closed, within the close deadline. Called at most once, also
     * after host->lost; operations of this incarnation may still be started until `closed`. */
    void (*close)(void* self, int32_t reason);
    /* Frees everything, at once. All pending operations are cancelled without completion. Also called without a `close`
     * before it when a create is undone. */
    void (*destroy)(void* self);
    /* The adapter's own extension tables (gateway/ext/settings.h, directory.h, files.h), by NUL-terminated name; NULL
     * when absent. May itself be NULL. Any time, any thread; static data only. */
    const void* (*extension)(const char* name);
} gw_adapter;

/* The one symbol a module exports. */
extern GW_EXPORT const gw_adapter gateway_adapter_v1;

#ifdef __cplusplus
}
#endif
#endif
