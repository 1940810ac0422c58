/* Inbound HTTP: webhooks. The operator gives the host an address to listen on ([http] listen); instances share it, each
 * with paths of its own. TLS is for a proxy in front. */
#ifndef GATEWAY_EXT_INBOUND_H
#define GATEWAY_EXT_INBOUND_H

#include <gateway/ext/http.h>
#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_INBOUND "gateway.inbound/1"

typedef struct gw_inbound_route {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    uint64_t op;
    gw_str path;            /* begins with '/'; the whole path of the requests meant, up to 1 KiB, taken literally */
    gw_str secret_header;   /* name of a header; requests without it or with another value are answered 401 by the
                               host and never seen here; empty: none */
    gw_str secret;          /* its value, compared in constant time; never logged */
    int64_t max_body_bytes; /* 0: 1 MiB; at most 16 MiB */
    int64_t respond_timeout_ms; /* without an answer by then the host says 503; 0: 30 s */
} gw_inbound_route;

/* GW_COMPLETION_INBOUND. With GW_COMPLETION_MORE and GW_OK: a request came; answer it once. The last one, without
 * GW_COMPLETION_MORE: the path is not listened on any more, cancelled or because the listener failed. */
typedef struct gw_inbound_request {
    gw_completion base;
    uint64_t request; /* its number */
    gw_str method;
    gw_str query;     /* what follows '?', not decoded */
    gw_array headers; /* of gw_http_header; names in lower case, without the secret one */
    gw_bytes body;
    gw_str text; /* the last one: why, in a sentence */
} gw_inbound_request;

typedef struct gw_inbound_response {
    uint32_t struct_size;
    int32_t http_status; /* 200 to 599 */
    uint64_t request;
    gw_array headers; /* of gw_http_header; at most 16 */
    gw_bytes body;    /* up to 1 MiB; copied */
} gw_inbound_response;

typedef struct gw_inbound {
    uint32_t struct_size;
    uint32_t flags;
    /* Listens on a path until cancelled or the incarnation ends. At most 8 an instance; 32 requests wait for their
     * answer at a time, the next ones are told 503. GW_ERR_UNSUPPORTED: the host listens nowhere; GW_ERR_DUPLICATE:
     * another instance has this path, or this operation id is pending. [instance] */
    gw_status (*listen)(gw_token self, const gw_inbound_route* route);
    /* GW_ERR_NOT_FOUND: that request is over: answered, timed out or disconnected. [instance] */
    gw_status (*respond)(gw_token self, const gw_inbound_response* response);
} gw_inbound;

#ifdef __cplusplus
}
#endif
#endif
