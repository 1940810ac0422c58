/* Messages, events, deliveries and receipts: what moves between the host and an instance.
 *
 * Ids are the platform's, as text: they may be 64-bit numbers and are never numbers in JSON.
 * Bounds, checked by the host: ids, chats, threads 255 bytes; names 1 KiB; text 64 KiB; extra 64 KiB.
 * A string over its bound, or not valid UTF-8, is refused with GW_ERR_LIMIT or GW_ERR_UTF8 and the whole batch with it.
 */
#ifndef GATEWAY_MESSAGE_H
#define GATEWAY_MESSAGE_H

#include <gateway/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_MAX_ID_BYTES 255u
#define GW_MAX_NAME_BYTES 1024u
#define GW_MAX_TEXT_BYTES 65536u
#define GW_MAX_EXTRA_BYTES 65536u

#define GW_SENDER_BOT 1u  /* an account that a program runs */
#define GW_SENDER_SELF 2u /* this very account: routed nowhere, so that no loop can start */

typedef struct gw_sender {
    uint32_t struct_size;
    uint32_t flags; /* GW_SENDER_* */
    gw_str id;
    gw_str name; /* for people */
} gw_sender;

typedef struct gw_message {
    uint32_t struct_size;
    uint32_t flags;          /* 0 in this revision */
    gw_str id;               /* unique in its chat; empty in a delivery of something new */
    gw_str chat;             /* where it was said, or where to say it */
    gw_str thread;           /* topic or thread within the chat; empty: none */
    gw_str reply_to;         /* id of the message it answers, in the same chat; empty: none */
    gw_str text;             /* the gateway's Markdown, in both directions: MARKDOWN.md of the SDK */
    const gw_sender* sender; /* NULL: unknown, or a delivery */
    int64_t time_ms;         /* Unix time; 0: unknown */
    gw_str extra;            /* a JSON object with what only this platform has; empty: none */
} gw_message;

#define GW_CHAT_PRIVATE 1
#define GW_CHAT_GROUP 2
#define GW_CHAT_CHANNEL 3

/* An entry of the chat directory: the latest one for an id counts. */
typedef struct gw_chat {
    uint32_t struct_size;
    int32_t kind; /* GW_CHAT_* */
    gw_str id;
    gw_str title;
} gw_chat;

#define GW_EVENT_MESSAGE 1 /* `message` is set */
#define GW_EVENT_CHAT 2    /* `chat` is set */

typedef struct gw_event {
    uint32_t struct_size;
    int32_t kind;     /* GW_EVENT_*; append-only, an unknown kind is counted and skipped */
    gw_str dedupe_id; /* unique per instance across its incarnations: an event whose id the journal holds is
                         dropped silently; empty: never dropped */
    const gw_message* message;
    const gw_chat* chat;
} gw_event;

/* A write to the instance's durable key-value state. `value.data` NULL deletes the key. Keys up to 255 bytes, values up
 * to 64 KiB, 1,000 keys an instance. */
typedef struct gw_kv_write {
    uint32_t struct_size;
    uint32_t flags; /* 0 in this revision */
    gw_str key;
    gw_bytes value;
} gw_kv_write;

/* Events together with the writes that acknowledge them (an offset, a sequence): committed as one transaction, in
 * order. GW_COMPLETION_COMMIT says that they are safe; only then may the platform be told. At most 1,000 events and 64
 * writes a batch; GW_ERR_BUSY when 16 batches of the instance are still uncommitted, or its destinations are full. */
typedef struct gw_batch {
    uint32_t struct_size;
    uint32_t flags;  /* 0 in this revision */
    uint64_t op;     /* your id of this operation, not pending already */
    gw_array events; /* of gw_event */
    gw_array writes; /* of gw_kv_write */
} gw_batch;

#define GW_DELIVERY_MESSAGE 1 /* say `message` */

#define GW_DELIVERY_REPEATED 1u /* an earlier attempt's outcome is unknown: it may have been sent */

/* One outgoing thing, handed over by `deliver`. Order holds per chat: the next delivery of a chat comes after the
 * receipt of the one before. Answer each with exactly one receipt. */
typedef struct gw_delivery {
    uint32_t struct_size;
    int32_t kind; /* GW_DELIVERY_*; answer an unknown one with GW_OUTCOME_FAILED, code "unsupported" */
    uint64_t id;  /* unique per host for ever */
    uint32_t flags;
    uint32_t attempt; /* 1 at the first */
    const gw_message* message;
} gw_delivery;

#define GW_OUTCOME_SENT 1    /* `message_id` is set when the platform gives one */
#define GW_OUTCOME_FAILED 2  /* never will be: no such chat, no rights, refused content */
#define GW_OUTCOME_RETRY 3   /* certainly not sent: repeat it after retry_after_ms */
#define GW_OUTCOME_UNKNOWN 4 /* may have been sent: repeated once with GW_DELIVERY_REPEATED, then dropped, loudly */

#define GW_SCOPE_CHAT 1     /* the pause concerns this chat */
#define GW_SCOPE_INSTANCE 2 /* the pause concerns the whole account */

typedef struct gw_receipt {
    uint32_t struct_size;
    int32_t outcome; /* GW_OUTCOME_* */
    uint64_t delivery;
    gw_str message_id;
    gw_str code;            /* not SENT: short and stable, like a failure's */
    gw_str text;            /* not SENT: one sentence for an operator */
    int64_t retry_after_ms; /* RETRY: 0 = the host's own pace */
    int32_t scope;          /* RETRY: GW_SCOPE_* */
    uint32_t flags;         /* 0 in this revision */
} gw_receipt;

#ifdef __cplusplus
}
#endif
#endif
