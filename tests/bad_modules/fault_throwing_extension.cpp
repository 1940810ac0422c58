// Throws when it is asked for its extensions.
#include "minimal_adapter.h"

#include <stdexcept>

GW_MANIFEST(R"({"name": "fault_throwing_extension", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");

static const void* extension(const char* /*name*/) {
    throw std::runtime_error("no such \xff thing");
}

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS,
                                       .extension = extension};
