// The module's entry and manifest.
#include "telegram_adapter.hpp"

GATEWAY_ADAPTER(gateway::telegram::adapter, R"json({
    "name": "telegram",
    "version": "1.0.0",
    "description": "Telegram bots over the Bot API, by long polling",
    "abi": { "major": 1, "minor": 0 },
    "requires": ["gateway.http/1", "gateway.kv/1", "gateway.timer/1"],
    "capabilities": ["text", "reply", "thread", "attachment", "button", "edit", "delete", "reaction", "typing"],
    "limits": { "text": { "max": 4096, "unit": "utf16" } },
    "threads": false,
    "config": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "required": ["token"],
        "properties": {
            "token": {
                "description": "the bot's token as @BotFather gave it, like 123456:ABC-def",
                "type": "string",
                "pattern": "^[0-9]+:[A-Za-z0-9_-]+$",
                "writeOnly": true
            },
            "api_root": {
                "description": "the address of a Bot API server, such as https://api.telegram.org, the default",
                "type": "string",
                "pattern": "^https?://",
                "maxLength": 2048
            },
            "poll_timeout": {
                "description": "How long one poll may wait for updates, in whole seconds; 50s at most and by default",
                "type": "string",
                "format": "duration"
            },
            "http": {
                "description": "HTTP version: by the server's offer, or the one named",
                "type": "string",
                "enum": ["auto", "1", "2", "2-prior-knowledge"]
            },
            "groups": {
                "description": "What is taken of groups: all the bot sees, or only what is addressed to it",
                "type": "string",
                "enum": ["all", "addressed"]
            },
            "chat_members": {
                "description": "Whether to ask who comes and goes; the bot must be an administrator to be told",
                "type": "boolean"
            }
        }
    }
})json");
