/* The smallest complete adapter, in C: a platform of one account that answers each message with the same text.
 *
 * An answer is an event like anything a user says. The receipt comes after the event is committed: had the host crashed
 * between the two, it would deliver again, and the dedupe id would drop the second answer. */
#include <gateway/gateway.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct echo {
    const gw_host* host;
    gw_token self;
} echo;

static gw_str text(const char* from) {
    const gw_str result = {from, strlen(from)};
    return result;
}

static gw_status create(const gw_host* host, gw_token self, const gw_config* config, void** ret_self) {
    echo* it = malloc(sizeof *it);
    (void)config; /* no keys of its own */
    if (it == NULL) {
        return GW_ERR_INVALID;
    }
    it->host = host;
    it->self = self;
    *ret_self = it;
    return GW_OK;
}

static void connect_it(void* self) {
    const echo* it = self;
    const gw_identity who = {sizeof who, 0, text("echo"), text("Echo")};
    it->host->connected(it->self, &who); /* a real adapter first proves that it receives */
}

static void answer(const echo* it, uint64_t delivery, int32_t outcome, const char* code) {
    char number[32];
    snprintf(number, sizeof number, "%" PRIu64, delivery);
    const gw_str id = text(number);
    const gw_receipt receipt = {.struct_size = sizeof receipt,
                                .outcome = outcome,
                                .delivery = delivery,
                                .message_ids = {&id, outcome == GW_OUTCOME_SENT, sizeof id},
                                .code = text(code),
                                .scope = GW_SCOPE_CHAT};
    it->host->receipt(it->self, &receipt);
}

static void deliver(void* self, const gw_delivery* delivery) {
    const echo* it = self;
    char id[32];
    if (delivery->kind != GW_DELIVERY_MESSAGE) {
        answer(it, delivery->id, GW_OUTCOME_FAILED, "unsupported");
        return;
    }
    const gw_message* said = delivery->message;
    snprintf(id, sizeof id, "answer-%" PRIu64, delivery->id);
    const gw_sender sender = {sizeof sender, GW_SENDER_BOT, text("echo"), text("Echo")};
    const gw_message message = {.struct_size = sizeof message,
                                .id = text(id),
                                .chat = said->chat,
                                .thread = said->thread,
                                .reply_to = said->id,
                                .text = said->text,
                                .sender = &sender};
    const gw_event event = {sizeof event, GW_EVENT_MESSAGE, text(id), &message, NULL};
    const gw_batch batch = {.struct_size = sizeof batch,
                            .op = delivery->id, /* any number not pending; this one finds the receipt */
                            .events = {&event, 1, sizeof event}};
    if (it->host->submit(it->self, &batch) != GW_OK) {
        answer(it, delivery->id, GW_OUTCOME_RETRY, "busy");
    }
}

static void on_completion(void* self, const gw_completion* completion) {
    if (completion->kind == GW_COMPLETION_COMMIT) {
        if (completion->status == GW_OK) {
            answer(self, completion->op, GW_OUTCOME_SENT, "");
        } else {
            answer(self, completion->op, GW_OUTCOME_RETRY, "not_stored");
        }
    }
}

static void close_it(void* self, int32_t reason) {
    const echo* it = self;
    (void)reason;
    it->host->closed(it->self);
}

static void destroy(void* self) {
    free(self);
}

GW_MANIFEST(
    "{ \"name\": \"echo_c\", \"version\": \"1.0.0\", \"description\": \"Answers every message\","
    "  \"abi\": { \"major\": 1, \"minor\": 0 }, \"capabilities\": [\"text\", \"reply\", \"thread\"],"
    "  \"config\": { \"type\": \"object\", \"additionalProperties\": false } }");

const gw_adapter gateway_adapter_v1 = {.struct_size = sizeof(gw_adapter),
                                       .abi_major = GW_ABI_MAJOR,
                                       .abi_minor = GW_ABI_MINOR,
                                       .manifest = GW_MANIFEST_TEXT,
                                       .create = create,
                                       .connect = connect_it,
                                       .deliver = deliver,
                                       .on_completion = on_completion,
                                       .close = close_it,
                                       .destroy = destroy};
