/* Messages and chats: what moves between the host and an instance, in both directions.
 *
 * Ids are the platform's, as text: they may be 64-bit numbers and are never numbers in JSON.
 * Bounds, checked by the host: ids, chats, threads 255 bytes; names 1 KiB; text 64 KiB; extra 64 KiB; URLs and paths 8
 * KiB; 16 attachments; 100 buttons. What is over its bound, or not valid UTF-8, is refused with GW_ERR_LIMIT or
 * GW_ERR_UTF8 and the whole batch with it. */
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
#define GW_MAX_URL_BYTES 8192u /* and paths */
#define GW_MAX_ATTACHMENTS 16u
#define GW_MAX_BUTTONS 100u

#define GW_SENDER_BOT 1u  /* an account that a program runs */
#define GW_SENDER_SELF 2u /* this very account: routed nowhere, so that no loop can start */

typedef struct gw_sender {
    uint32_t struct_size;
    uint32_t flags; /* GW_SENDER_* */
    gw_str id;      /* empty: unknown */
    gw_str name;    /* for people */
} gw_sender;

#define GW_ATTACHMENT_FILE 1 /* anything; also what none of the others is */
#define GW_ATTACHMENT_PHOTO 2
#define GW_ATTACHMENT_AUDIO 3 /* music, with a title in `text` where it has one */
#define GW_ATTACHMENT_VOICE 4 /* spoken: shown with a wave and a speed */
#define GW_ATTACHMENT_VIDEO 5
#define GW_ATTACHMENT_VIDEO_NOTE 6 /* a round one */
#define GW_ATTACHMENT_ANIMATION 7  /* a video without sound that repeats */
#define GW_ATTACHMENT_STICKER 8    /* with its emoji in `text` */

#define GW_ATTACHMENT_SPOILER 1u /* hidden until it is touched */

/* A file that belongs to a message. It is never in memory: it is named by what can get it, and got only when somebody
 * asks (gateway/ext/files.h). In an event `id` or `url` is set; in a delivery, use the first of these you can: `id`
 * when `source` is your own name (the platform has it already), `path`, the file that the host gets for `source` and
 * `id`, `url`. */
typedef struct gw_attachment {
    uint32_t struct_size;
    int32_t kind; /* GW_ATTACHMENT_*; take an unknown one for GW_ATTACHMENT_FILE */
    uint32_t flags;
    uint32_t width; /* pixels; 0: unknown, like all numbers here */
    uint32_t height;
    uint32_t reserved;   /* 0 */
    int64_t size;        /* bytes */
    int64_t duration_ms; /* of what plays */
    gw_str source;       /* the instance whose `id` it is; the host fills it in and ignores it in an event */
    gw_str id;           /* what that instance's `fetch` takes; empty: none */
    gw_str url;          /* where anybody can get it; empty: nowhere */
    gw_str path;         /* absolute path of a file on this machine; empty: none */
    gw_str name;         /* file name for people; no path */
    gw_str mime_type;
    gw_str text; /* what it shows, in plain words: a sticker's emoji, an alternative text */
} gw_attachment;

/* Something to press below a message. Exactly one of `data` and `url` is set. */
typedef struct gw_button {
    uint32_t struct_size;
    uint32_t row; /* buttons of one row stand side by side, in order; rows only grow */
    gw_str text;  /* its label; 1 KiB */
    gw_str data;  /* pressed: comes back as the text of a GW_EVENT_INTERACTION; 255 bytes */
    gw_str url;   /* pressed: opens this */
} gw_button;

#define GW_QUOTE_CHOSEN 1u /* the part that the author marked, not the whole text */

/* What a message answers, in words, for destinations where its id means nothing. */
typedef struct gw_quote {
    uint32_t struct_size;
    uint32_t flags;          /* GW_QUOTE_* */
    gw_str text;             /* the gateway's Markdown */
    const gw_sender* sender; /* whose words they are; NULL: unknown */
} gw_quote;

#define GW_MESSAGE_SILENT 1u     /* say it without a sound */
#define GW_MESSAGE_NO_PREVIEW 2u /* show no previews of its links */
#define GW_MESSAGE_ADDRESSED                                                                                        \
    4u                         /* meant for this account: said in private, mentions or answers it, a command for it \
                                */
#define GW_MESSAGE_SYSTEM 8u   /* the platform's words about the chat, not a person's */
#define GW_MESSAGE_REMOVED 16u /* of a reaction, a membership, typing: it is no more */

/* gateway/event.h says which members count for which kind of event. */
typedef struct gw_message {
    uint32_t struct_size;
    uint32_t flags;                  /* GW_MESSAGE_* */
    gw_str id;                       /* unique in its chat; empty in a delivery of something new */
    gw_str chat;                     /* where it was said, or where to say it */
    gw_str thread;                   /* topic or thread within the chat; empty: none */
    gw_str reply_to;                 /* id of the message it answers, in the same chat; empty: none */
    gw_str text;                     /* the gateway's Markdown, in both directions: MARKDOWN.md of the SDK */
    const gw_sender* sender;         /* NULL: unknown, or a delivery */
    int64_t time_ms;                 /* Unix time; 0: unknown */
    gw_str extra;                    /* a JSON object with what only this platform has; empty: none */
    gw_array attachments;            /* of gw_attachment */
    gw_array buttons;                /* of gw_button */
    const gw_quote* quote;           /* of what it answers; NULL: none, or nothing is known of it */
    const gw_sender* forwarded_from; /* who said it first; NULL: it is not forwarded */
} gw_message;

#define GW_CHAT_PRIVATE 1
#define GW_CHAT_GROUP 2
#define GW_CHAT_CHANNEL 3

#define GW_CHAT_GONE 1u /* the account cannot speak there any more: it was removed, or blocked */

/* An entry of the chat directory: the latest one for an id counts. */
typedef struct gw_chat {
    uint32_t struct_size;
    int32_t kind; /* GW_CHAT_* */
    gw_str id;
    gw_str title;
    gw_str previous_id; /* the chat had this id until now: whatever is kept under it moves; empty: none */
    uint32_t flags;     /* GW_CHAT_GONE */
    uint32_t reserved;  /* 0 */
} gw_chat;

#ifdef __cplusplus
}
#endif
#endif
