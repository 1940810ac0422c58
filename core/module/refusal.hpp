// Why a file is not used as a module: where, a stable code for programs, one sentence for people. A value; whoever
// handles it logs it.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace gateway::module {

enum class refusal_code {
    unreadable,        // the file or directory cannot be opened or read
    not_regular_file,  // a directory, device, pipe …
    wrong_owner,       // belongs neither to root nor to the user the host runs as
    writable_by_all,   // the file, or a directory on its way, may be changed by anybody
    too_large,         // over max_module_bytes
    too_many_files,    // over max_module_files in the directory
    not_elf,           // see elf_error for this one and those down to bad_note
    truncated,
    wrong_architecture,
    not_shared_object,
    no_note,
    bad_note,
    bad_manifest,         // its JSON is broken or says what cannot be
    wrong_abi,            // another major version of the ABI
    newer_abi,            // needs additions to the ABI that this host lacks
    requirement_missing,  // needs an extension that this host lacks
    duplicate_name,       // another file holds the name
    not_present,          // no file has the name
    changing,             // it is being changed right now
    copy_failed,          // the private copy cannot be made
    missing_library,      // a library that it is linked with is not there, or too old
    unresolved_symbol,    // it uses a function that nobody defines
    not_loadable,         // the dynamic linker refuses it for another reason
    missing_symbol,       // it does not export gateway_adapter_v1 as data
    struct_too_short,     // gateway_adapter_v1 ends before the functions do
    null_function,
    manifest_differs,     // the note and gateway_adapter_v1 contradict each other
    constructor_crashed,  // these three when it was tried in a child process
    constructor_exited,
    constructor_hung,
    not_probed  // it cannot be tried now
};

inline constexpr refusal_code last_refusal_code = refusal_code::not_probed;

// The code's name, e.g. "wrong_abi".
std::string_view to_string(refusal_code code) noexcept;

// The reason lies in the moment (a full disk, a file being written): a later try may do.
bool passes_by_itself(refusal_code code) noexcept;

struct refusal {
    std::string path;
    refusal_code code;
    std::string sentence;  // names the file, and says what would be right

    bool operator==(const refusal&) const = default;
};

// Writes the sentence.
std::ostream& operator<<(std::ostream& out, const refusal& what);

// A path as it may stand in a sentence: control characters and quotes replaced, at most 256 bytes.
std::string printable(std::string_view path);

}  // namespace gateway::module
