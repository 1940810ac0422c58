/* Files of messages: named by attachments, got only when somebody needs them, on disk and never in memory.
 *
 *   destination ── get(source, id) ─▶ host ── fetch(id, path) ─▶ source
 *   destination ◀─ GW_COMPLETION_FILE ─ host ◀── fetched ─────── source
 *
 * The host keeps what was fetched for a while (at least an hour after it was last asked for), so several destinations
 * cost one download. */
#ifndef GATEWAY_EXT_FILES_H
#define GATEWAY_EXT_FILES_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_FILES "gateway.files/1"             /* of the host */
#define GW_EXT_FILE_SOURCE "gateway.file-source/1" /* of an adapter */

typedef struct gw_file_request {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    uint64_t op;
    gw_str source;    /* of the attachment: an instance's name */
    gw_str id;        /* of the attachment */
    int64_t max_size; /* bytes; 0: as large as the host allows */
} gw_file_request;

/* GW_COMPLETION_FILE. Not GW_OK: GW_ERR_NOT_FOUND (the source is not online, knows no such file, or fetches none),
 * GW_ERR_TOO_LARGE, GW_ERR_NETWORK, GW_ERR_IO, GW_ERR_TIMEOUT, GW_ERR_CANCELLED; code and text say more. */
typedef struct gw_file {
    gw_completion base;
    gw_str path;  /* absolute; read it, do not change it */
    int64_t size; /* bytes */
    gw_str code;
    gw_str text;
} gw_file;

/* What became of a fetch. */
typedef struct gw_fetched {
    uint32_t struct_size;
    gw_status status; /* GW_OK: the whole file is at the path that was given; else as in gw_file */
    uint64_t fetch;
    gw_str code; /* not GW_OK: short and stable, as in gw_failure */
    gw_str text; /* not GW_OK: one sentence, no secret */
} gw_fetched;

typedef struct gw_files {
    uint32_t struct_size;
    uint32_t flags;
    /* Asks for a file; at most 16 pending an instance, 5 minutes each. [instance] */
    gw_status (*get)(gw_token self, const gw_file_request* request);
    /* Answers a `fetch`, once. GW_ERR_NOT_FOUND: there is none of that number any more. [instance] */
    gw_status (*fetched)(gw_token self, const gw_fetched* what);
} gw_files;

typedef struct gw_fetch {
    uint32_t struct_size;
    uint32_t flags;   /* 0 in this revision */
    uint64_t fetch;   /* its number */
    gw_str id;        /* of an attachment that this instance submitted, in whichever incarnation */
    gw_str path;      /* absolute: where to put it, best by download_path of a request */
    int64_t max_size; /* bytes: what is larger is not wanted */
} gw_fetch;

typedef struct gw_file_source {
    uint32_t struct_size;
    uint32_t flags;
    /* Gets a file; answer with files->fetched. Only while online. */
    void (*fetch)(void* self, const gw_fetch* what);
} gw_file_source;

#ifdef __cplusplus
}
#endif
#endif
