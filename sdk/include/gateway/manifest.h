/* The manifest: a JSON object that describes a module, in an ELF note that the host reads without running any code.
 *
 *   { "name": "echo",                       [a-z][a-z0-9_-]{0,31}; what `plugin = "…"` names
 *     "version": "1.0.0",
 *     "description": "Answers every message",
 *     "abi": { "major": 1, "minor": 0 },    the least minor it needs
 *     "requires": ["gateway.timer/1"],      host extensions it cannot do without
 *     "capabilities": ["text", "reply", "thread"],  and "attachment", "button", "edit", "delete", "reaction",
 *                                           "interaction", "member", "typing": what a delivery may hold or be
 *     "limits": { "text": { "max": 4096, "unit": "utf16" } },
 *     "threads": false,                     true: it wraps a library with threads of its own
 *     "config": { … } }                     JSON Schema (draft 7) of the instance's table; "format": "duration" is a
 *                                           string with a unit, "writeOnly": true marks a secret
 *
 * name, version and abi are required. At most 64 KiB.
 *
 * Rationale: a note survives `strip`, is found through the program headers, and is the ELF way to tell a loader about a
 * file (as .note.gnu.build-id does). */
#ifndef GATEWAY_MANIFEST_H
#define GATEWAY_MANIFEST_H

#include <gateway/types.h>

#define GW_NOTE_SECTION ".note.gateway.adapter"
#define GW_NOTE_NAME "gateway" /* with its NUL 8 bytes: no padding */
#define GW_NOTE_TYPE_MANIFEST 1u
#define GW_MAX_MANIFEST_BYTES 65536u

/* Puts the manifest, a string literal, into the note. Once per module, at file scope.
 *
 * Rationale: the note's text ends with a NUL, which readers drop. So the struct's padding is exactly the padding that
 * ELF asks for after a note, whatever the length; without the NUL every fourth length left four bytes too much. */
#define GW_MANIFEST(json)                                                              \
    static const struct gw_manifest_note {                                             \
        uint32_t name_size;                                                            \
        uint32_t text_size;                                                            \
        uint32_t type;                                                                 \
        char name[8];                                                                  \
        char text[sizeof(json)];                                                       \
    } gw_manifest_note __attribute__((section(GW_NOTE_SECTION), used, aligned(4))) = { \
        8u, (uint32_t)sizeof(json), GW_NOTE_TYPE_MANIFEST, GW_NOTE_NAME, json}

/* The manifest's text for gw_adapter.manifest: a constant initialiser in C and C++. */
#define GW_MANIFEST_TEXT {gw_manifest_note.text, sizeof(gw_manifest_note.text) - 1}

#endif
