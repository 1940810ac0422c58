/* Deliveries and receipts: what an instance is to send, and what became of it.
 *
 * A delivery is an event of another instance, carried over a route; its `message` means what gateway/event.h says. A
 * kind other than MESSAGE comes only to a module whose manifest names it among its capabilities: "edit", "delete",
 * "reaction", "interaction", "member", "typing". */
#ifndef GATEWAY_DELIVERY_H
#define GATEWAY_DELIVERY_H

#include <gateway/message.h>
#include <gateway/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of GW_EVENT_*. */
#define GW_DELIVERY_MESSAGE 1     /* say `message` */
#define GW_DELIVERY_EDIT 3        /* change `targets` into `message`: that they are so already is success */
#define GW_DELIVERY_DELETE 4      /* delete `targets`: that they are gone already is success */
#define GW_DELIVERY_REACTION 5    /* react to the first of `targets` */
#define GW_DELIVERY_INTERACTION 6 /* for an agent */
#define GW_DELIVERY_MEMBER 7      /* for an agent */
#define GW_DELIVERY_TYPING                                                               \
    8 /* show it for ten seconds, or until it says GW_MESSAGE_REMOVED or the chat's next \
         message is sent; `id` is 0 and no receipt is wanted */

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
    gw_array targets; /* EDIT, DELETE, REACTION, of gw_str: all `message_ids` of the receipt for the message that is
                         meant, or the id that the platform gave it. message->reply_to likewise holds an id of yours */
} gw_delivery;

#define GW_OUTCOME_SENT 1
#define GW_OUTCOME_FAILED 2  /* never will be: no such chat, no rights, refused content */
#define GW_OUTCOME_RETRY 3   /* certainly not sent: repeat it after retry_after_ms */
#define GW_OUTCOME_UNKNOWN 4 /* may have been sent: repeated once with GW_DELIVERY_REPEATED, then dropped, loudly */

#define GW_SCOPE_CHAT 1     /* the pause concerns this chat */
#define GW_SCOPE_INSTANCE 2 /* the pause concerns the whole account */

#define GW_MAX_MESSAGE_IDS 64u

typedef struct gw_receipt {
    uint32_t struct_size;
    int32_t outcome; /* GW_OUTCOME_* */
    uint64_t delivery;
    gw_array message_ids;   /* SENT, of gw_str: the platform's ids of all that a MESSAGE or an EDIT became, in order, as
                               far as the platform gives any; at most 64 */
    gw_str code;            /* not SENT: short and stable, like a failure's */
    gw_str text;            /* not SENT: one sentence for an operator */
    int64_t retry_after_ms; /* RETRY: 0 = the host's own pace */
    int32_t scope;          /* RETRY: GW_SCOPE_* */
    uint32_t calls;         /* how many requests of the platform's rate limits it took; 0 counts as 1 */
} gw_receipt;

#ifdef __cplusplus
}
#endif
#endif
