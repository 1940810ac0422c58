/* Adapter extension: the chat directory. */
#ifndef GATEWAY_EXT_DIRECTORY_H
#define GATEWAY_EXT_DIRECTORY_H

#include <gateway/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_EXT_DIRECTORY "gateway.directory/1"

typedef struct gw_directory {
    uint32_t struct_size;
    uint32_t flags;
    /* Asks for a GW_EVENT_CHAT of every chat the instance knows by itself; called each time it has come online. Chats
     * seen in messages are in the directory anyway. */
    void (*refresh)(void* self);
} gw_directory;

#ifdef __cplusplus
}
#endif
#endif
