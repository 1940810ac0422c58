/* WebSocket client. One operation is one connection: it completes with GW_WS_CLOSED, and everything before that carries
 * GW_COMPLETION_MORE.
 *
 * Messages in are bounded too: while more than 1 MiB or 64 of them wait for the instance, nothing further is read from
 * the connection, so that a slow instance slows its peer down and not the host. */
#ifndef GATEWAY_EXT_WEBSOCKET_H
#define GATEWAY_EXT_WEBSOCKET_H

#include <gateway/ext/http.h>
#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_WEBSOCKET "gateway.websocket/1"

typedef struct gw_ws_request {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    uint64_t op;
    gw_str url;               /* ws:// or wss://, up to 8 KiB; never logged */
    gw_array headers;         /* of gw_http_header; at most 64 */
    int64_t open_timeout_ms;  /* resolve to the end of the upgrade; 0: 30 s */
    int64_t ping_interval_ms; /* pings of the protocol when nothing is received for so long, closed after twice that; 0:
                                 none */
    int64_t max_message_bytes; /* 0: 1 MiB; at most 16 MiB. Larger: closed with 1009 */
} gw_ws_request;

#define GW_WS_OPENED 1
#define GW_WS_TEXT 2
#define GW_WS_BINARY 3
#define GW_WS_SENT 4 /* a message given to `send` was written to the socket: one each, in order; its place is free */
/* The last one. GW_OK: the peer's close frame came. Otherwise how it failed: to a `close` that the peer did not answer
 * in time, GW_ERR_TIMEOUT with the code "timeout_close". Messages without a GW_WS_SENT by then may be lost. */
#define GW_WS_CLOSED 5

typedef struct gw_ws_event {
    gw_completion base;
    int32_t event;       /* GW_WS_* */
    int32_t close_code;  /* CLOSED: the peer's code; 1005 none given, 1006 when its close frame never came */
    gw_bytes data;       /* TEXT (valid UTF-8), BINARY: the whole message */
    gw_str code;         /* CLOSED with a failure: as in gw_http_response */
    gw_str text;         /* CLOSED: the peer's reason, or one sentence about the failure */
    int32_t http_status; /* CLOSED with the code "upgrade_refused": of the server's answer; else 0 */
    uint32_t reserved;   /* 0 */
} gw_ws_event;

typedef struct gw_websocket {
    uint32_t struct_size;
    uint32_t flags;
    /* Opens a connection; at most 8 an instance. host->cancel drops it without a handshake. [instance] */
    gw_status (*open)(gw_token self, const gw_ws_request* request);
    /* Queues a message, `event` being GW_WS_TEXT or GW_WS_BINARY. GW_ERR_LIMIT: larger than 4 MiB, it can never be
     * sent. GW_ERR_BUSY: with it, more than 4 MiB or 256 messages would wait for their GW_WS_SENT; go on when the next
     * one comes. GW_ERR_NOT_FOUND: not open, from before GW_WS_OPENED to a close by either side. [instance] */
    gw_status (*send)(gw_token self, uint64_t op, int32_t event, gw_bytes data);
    /* Sends what is queued, then the close frame, and waits for the peer's: 5 s in all. While opening: gives up, which
     * completes with GW_ERR_CANCELLED. `code` is 1000, 1001 or 3000 to 4999, `reason` up to 123 bytes. [instance] */
    gw_status (*close)(gw_token self, uint64_t op, int32_t code, gw_str reason);
} gw_websocket;

#ifdef __cplusplus
}
#endif
#endif
