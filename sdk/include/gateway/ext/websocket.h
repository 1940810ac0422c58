/* WebSocket client. One operation is one connection: it completes with GW_WS_CLOSED, and everything before that carries
 * GW_COMPLETION_MORE. */
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
#define GW_WS_SENT 4   /* the message given to `send` was written to the socket */
#define GW_WS_CLOSED 5 /* the last one; status says how it failed, GW_OK for a close handshake */

typedef struct gw_ws_event {
    gw_completion base;
    int32_t event;      /* GW_WS_* */
    int32_t close_code; /* CLOSED: the peer's code; 1005 none given, 1006 without a handshake */
    gw_bytes data;      /* TEXT (valid UTF-8), BINARY: the whole message */
    gw_str code;        /* CLOSED with a failure: as in gw_http_response */
    gw_str text;        /* CLOSED: the peer's reason, or one sentence about the failure */
} gw_ws_event;

typedef struct gw_websocket {
    uint32_t struct_size;
    uint32_t flags;
    /* Opens a connection; at most 8 an instance. host->cancel drops it without a handshake. [instance] */
    gw_status (*open)(gw_token self, const gw_ws_request* request);
    /* Queues a message, `event` being GW_WS_TEXT or GW_WS_BINARY; GW_ERR_BUSY when 4 MiB or 256 messages wait.
     * [instance] */
    gw_status (*send)(gw_token self, uint64_t op, int32_t event, gw_bytes data);
    /* Starts the close handshake (5 s). `reason` up to 123 bytes. [instance] */
    gw_status (*close)(gw_token self, uint64_t op, int32_t code, gw_str reason);
} gw_websocket;

#ifdef __cplusplus
}
#endif
#endif
