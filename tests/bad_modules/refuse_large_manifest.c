/* Fault: the note is longer than a manifest may be. */
#include "minimal_adapter.h"

static const struct large_note {
    uint32_t name_size;
    uint32_t text_size;
    uint32_t type;
    char name[8];
    char text[GW_MAX_MANIFEST_BYTES + 4];
} large_note __attribute__((section(GW_NOTE_SECTION), used, aligned(4))) = {
    8u, sizeof(large_note.text), GW_NOTE_TYPE_MANIFEST, GW_NOTE_NAME, "{\"name\": \"large-manifest\"}"};

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = {large_note.text, sizeof(large_note.text)},
                                       MINIMAL_FUNCTIONS};
