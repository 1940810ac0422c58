// Fault: an exception leaves its constructor.
#include "minimal_adapter.h"

#include <stdexcept>

GW_MANIFEST(R"({"name": "refuse_throwing_constructor", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS,
                                       .extension = nullptr};

__attribute__((constructor)) static void throwing() {
    throw std::runtime_error("nobody catches this here");
}
