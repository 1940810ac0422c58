/* Events: what an instance tells the host, in batches.
 *
 * Each kind but GW_EVENT_CHAT uses `message`, whose members mean:
 *
 *   MESSAGE      all of it
 *   EDIT         `id` names the message that changed; the rest is its whole new content; time_ms when it changed
 *   DELETE       `id` names the message that is gone
 *   REACTION     `id` names the message; `sender` who; `text` one emoji, or an image of the platform's own emoji as in
 *                MARKDOWN.md; GW_MESSAGE_REMOVED: taken back. One event for each emoji
 *   INTERACTION  somebody pressed a button or ran a command that expects an answer: `id` names this act, `reply_to` the
 *                message with the button, `text` is the button's data, `sender` who
 *   MEMBER       `sender` came into the chat, or left it (GW_MESSAGE_REMOVED); `text` says it in a sentence for people
 *   TYPING       `sender` is typing, for ten seconds or until the next one (GW_MESSAGE_REMOVED: no longer). Neither
 * kept nor repeated
 *
 * In all of them `chat`, `thread`, `time_ms` and `extra` are as in a message, and `sender` with GW_SENDER_SELF is
 * routed nowhere. */
#ifndef GATEWAY_EVENT_H
#define GATEWAY_EVENT_H

#include <gateway/message.h>
#include <gateway/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EVENT_MESSAGE 1
#define GW_EVENT_CHAT 2 /* `chat` is set */
#define GW_EVENT_EDIT 3
#define GW_EVENT_DELETE 4
#define GW_EVENT_REACTION 5
#define GW_EVENT_INTERACTION 6
#define GW_EVENT_MEMBER 7
#define GW_EVENT_TYPING 8

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

#ifdef __cplusplus
}
#endif
#endif
