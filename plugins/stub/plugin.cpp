// The module's entry and manifest.
#include "stub_adapter.hpp"

GATEWAY_ADAPTER(gateway::stub::adapter, R"json({
    "name": "stub",
    "version": "1.0.0",
    "description": "Rehearses what platforms do: connects, fails, hangs, is lost, answers and speaks by script",
    "abi": { "major": 1, "minor": 0 },
    "requires": ["gateway.kv/1", "gateway.timer/1"],
    "capabilities": ["text", "reply", "thread"],
    "threads": false,
    "config": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "connect": {
                "description": "What each connect does, one entry each; the last one repeats",
                "type": "array",
                "minItems": 1,
                "maxItems": 1000,
                "items": {
                    "description": "\"ok\", \"hang\" or \"fail:CLASS:CODE\", also with a wait such as \"fail:rate_limited:flood:5s\"; CLASS is transient, rate_limited, conflict, internal, auth, config or unsupported",
                    "type": "string",
                    "pattern": "^(ok|hang|fail:(transient|rate_limited|conflict|internal|auth|config|unsupported):[A-Za-z0-9_.-]{1,64}(:[0-9]+(ms|s|m|h|d))?)$"
                }
            },
            "create": {
                "description": "\"fail\": the module cannot create this instance",
                "type": "string",
                "enum": ["ok", "fail"]
            },
            "lose_after": {
                "description": "Lose the connection so long after it came online",
                "type": "string",
                "format": "duration"
            },
            "lose": {
                "description": "\"stall\" to go silent, or the loss as \"CLASS:CODE\", also with a wait such as \"rate_limited:flood:5s\"; CLASS is transient, rate_limited, conflict, internal, auth, config or unsupported",
                "type": "string",
                "pattern": "^(stall|(transient|rate_limited|conflict|internal|auth|config|unsupported):[A-Za-z0-9_.-]{1,64}(:[0-9]+(ms|s|m|h|d))?)$"
            },
            "echo": {
                "description": "Answer each delivery with its text",
                "type": "boolean"
            },
            "say": {
                "description": "Speak without being spoken to",
                "type": "object",
                "additionalProperties": false,
                "required": ["chat", "text"],
                "properties": {
                    "chat": { "description": "the chat's id", "type": "string", "minLength": 1, "maxLength": 255 },
                    "text": { "description": "what to say", "type": "string", "minLength": 1, "maxLength": 4096 },
                    "every": { "description": "The pause before each; 1s by default", "type": "string", "format": "duration" },
                    "count": {
                        "description": "How often; 0 or absent: for ever",
                        "type": "integer",
                        "minimum": 0
                    }
                }
            }
        }
    }
})json");
