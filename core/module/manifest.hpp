// What a module says about itself: the JSON text of its note, read and checked.
//
// A manifest is immutable once read and shared by pointer; any thread. Unknown keys are ignored, so that a module may
// say more than this host understands; what the host does understand must be right.
//
// Bounds: 64 KiB of text (by the note's reader), 32 levels of nesting, 64 entries in each list.
#pragma once

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::module {

struct manifest {
    std::string name;
    std::string version;
    std::string description;
    std::uint32_t abi_major = 0;
    std::uint32_t abi_minor = 0;            // the least it needs
    std::vector<std::string> requirements;  // host extensions ("requires"), e.g. "gateway.timer/1"
    std::vector<std::string> capabilities;
    bool threads = false;  // it runs threads of its own
    boost::json::object limits;
    boost::json::object config_schema;  // empty: any table is fine
    std::string text;                   // as in the note
};

using manifest_ptr = std::shared_ptr<const manifest>;

// The error completes "the manifest of FILE …": `lacks "version", a text such as "1.0.0"`.
boost::system::result<manifest_ptr, std::string> parse_manifest(std::string_view text);

// [a-z][a-z0-9_-]{0,31}
bool is_module_name(std::string_view name) noexcept;

}  // namespace gateway::module
