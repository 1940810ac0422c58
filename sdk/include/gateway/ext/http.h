/* HTTP client: one connection pool for all instances. Redirects are not followed (a URL may carry a token). Only http
 * and https.
 *
 * What is known of a request without an answer (`written`). NONE: no byte of it was handed to the kernel; name, proxy,
 * connecting, TLS and waiting for a connection all end so, and kept connections that turn out to be closed are replaced
 * unnoticed. MAYBE is all else, also what a server is sure not to have processed: an HTTP/2 stream refused by
 * REFUSED_STREAM or GOAWAY (RFC 9113, 8.7), which servers do now and then as they retire a connection, is not told
 * apart from a lost one. GET and HEAD are repeated by the host in such a case. So what must not be done twice goes out
 * with GW_HTTP_VERSION_1, where a server announces in its last answer that it will close.
 *
 * Files are opened by the host, with its rights and wherever its user may: links and ".." mean what they mean to any
 * process. So a path is the adapter's own or its configuration's, never one that a platform or a chat has named. */
#ifndef GATEWAY_EXT_HTTP_H
#define GATEWAY_EXT_HTTP_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_HTTP "gateway.http/1"

typedef struct gw_http_header {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    gw_str name;    /* lower case in responses */
    gw_str value;
} gw_http_header;

/* The host's choice for https: HTTP/1.1 while few requests are under way to a server, HTTP/2 where it is offered for
 * what exceeds them, and the other one for a while when only that is seen to work. HTTP/1.1 for http. */
#define GW_HTTP_VERSION_AUTO 0
#define GW_HTTP_VERSION_1 1
#define GW_HTTP_VERSION_2 2                 /* HTTP/2 by ALPN, else HTTP/1.1 */
#define GW_HTTP_VERSION_2_PRIOR_KNOWLEDGE 3 /* HTTP/2 without asking, also over plain TCP */

/* A field of a form. */
typedef struct gw_http_field {
    uint32_t struct_size;
    uint32_t flags;      /* 0 in this revision */
    gw_str name;         /* up to 255 bytes */
    gw_bytes value;      /* copied; empty when `path` is set */
    gw_str path;         /* of a file whose content is the value, read while it is sent, as upload_path; empty: none */
    gw_str file_name;    /* as the server is told; empty: it is no file */
    gw_str content_type; /* empty: none is said */
} gw_http_field;

typedef struct gw_http_request {
    uint32_t struct_size;
    int32_t version; /* GW_HTTP_VERSION_* */
    uint64_t op;
    gw_str method;              /* "GET", "POST" … */
    gw_str url;                 /* up to 8 KiB; never logged */
    gw_array headers;           /* of gw_http_header; at most 64 */
    gw_bytes body;              /* up to 16 MiB; copied */
    gw_str upload_path;         /* absolute, up to 4095 bytes: a regular file to send as the body instead; empty: none.
                                   Its size is that of when it is opened, at once; if it shrinks, GW_ERR_IO */
    gw_str download_path;       /* likewise: the body of a 2xx answer goes there, complete or not at all, as a file of
                                   mode 0600 in place of what has that name, a link too. Until then it is beside it,
                                   as PATH.part-XXXXXX, which stays only if the host is killed. Empty: none */
    int64_t connect_timeout_ms; /* resolve, TCP and TLS; 0: 10 s */
    int64_t idle_timeout_ms;    /* no byte received for so long after the request was sent; 0: 60 s */
    int64_t total_timeout_ms;   /* 0: 120 s */
    int64_t max_body_bytes;     /* of the answer; 0: 1 MiB; at most 16 MiB in memory, 4 GiB in a file. An answer other
                                   than 2xx is never saved and has at most 1 MiB when download_path is set */
    gw_array form; /* of gw_http_field, at most 64: the body is multipart/form-data made of them, instead of
                      `body` and `upload_path`. With a file it is sent with its length, never in memory */
} gw_http_request;

#define GW_HTTP_WRITTEN_NONE 0  /* no byte of the request left: safe to repeat */
#define GW_HTTP_WRITTEN_MAYBE 1 /* the server may have seen it */

/* GW_COMPLETION_HTTP. Status GW_OK: an answer came, whatever its http_status. Otherwise GW_ERR_TIMEOUT, _NETWORK,
 * _TOO_LARGE, _CANCELLED or _IO (a file cannot be read, or not be written, which is known only once the server has
 * answered), with `code` and `text` saying more and `written` whether a repeat is safe. */
typedef struct gw_http_response {
    gw_completion base;
    int32_t http_status; /* 0 without an answer */
    int32_t written;     /* GW_HTTP_WRITTEN_* */
    gw_array headers;    /* of gw_http_header */
    gw_bytes body;       /* empty when it went to download_path */
    gw_str code;         /* "dns", "connect", "tls", "reset", "file", "timeout_connect", "timeout_idle", … */
    gw_str text;         /* one sentence that names host and port only, or the file and what is wrong with it */
} gw_http_response;

typedef struct gw_http {
    uint32_t struct_size;
    uint32_t flags;
    /* Starts a request; at most 64 pending an instance, GW_ERR_LIMIT beyond. GW_ERR_INVALID for one that can never be
     * sent, such as with a relative path or with both a body and a file; the log says why. [instance] */
    gw_status (*request)(gw_token self, const gw_http_request* request);
} gw_http;

#ifdef __cplusplus
}
#endif
#endif
