/* Everything a module needs, in one include. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <gateway/adapter.h>
#include <gateway/delivery.h>
#include <gateway/event.h>
#include <gateway/ext/directory.h>
#include <gateway/ext/files.h>
#include <gateway/ext/http.h>
#include <gateway/ext/inbound.h>
#include <gateway/ext/kv.h>
#include <gateway/ext/random.h>
#include <gateway/ext/settings.h>
#include <gateway/ext/timer.h>
#include <gateway/ext/websocket.h>
#include <gateway/host.h>
#include <gateway/manifest.h>
#include <gateway/message.h>
#include <gateway/types.h>

#endif
