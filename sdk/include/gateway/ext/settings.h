/* Adapter extension: per-chat settings, [adapters.NAME.chats."CHAT"] in the configuration. */
#ifndef GATEWAY_EXT_SETTINGS_H
#define GATEWAY_EXT_SETTINGS_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_SETTINGS "gateway.settings/1"

typedef struct gw_settings {
    uint32_t struct_size;
    uint32_t flags;
    /* Called for each configured chat each time the instance has come online, before waiting deliveries flow. `json` is
     * the chat's table as an object. */
    void (*apply)(void* self, gw_str chat, gw_str json);
} gw_settings;

#ifdef __cplusplus
}
#endif
#endif
