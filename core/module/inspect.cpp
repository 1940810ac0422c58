#include "module/inspect.hpp"

#include "module/elf_note.hpp"

#include <gateway/manifest.h>
#include <gateway/types.h>

namespace gateway::module {
namespace {

refusal_code code_of(elf_error error) {
    switch (error) {
        case elf_error::not_elf:
            return refusal_code::not_elf;
        case elf_error::truncated:
            return refusal_code::truncated;
        case elf_error::wrong_architecture:
            return refusal_code::wrong_architecture;
        case elf_error::not_shared_object:
            return refusal_code::not_shared_object;
        case elf_error::no_note:
            return refusal_code::no_note;
        case elf_error::bad_note:
            return refusal_code::bad_note;
        case elf_error::unreadable:
            break;
    }
    return refusal_code::unreadable;
}

refusal unsuited(refusal_code code, const std::filesystem::path& path, const std::string& rest) {
    return {path.string(), code, printable(path.string()) + " " + rest};
}

std::string abi_version(std::uint32_t major, std::uint32_t minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

}  // namespace

boost::system::result<manifest_ptr, refusal> read_manifest(int fd, std::uint64_t size,
                                                           const std::filesystem::path& path) {
    const note_id id{GW_NOTE_NAME, GW_NOTE_TYPE_MANIFEST, GW_MAX_MANIFEST_BYTES};
    const auto text = read_elf_note(fd, size, id);
    if (!text) {
        return unsuited(code_of(text.error().code), path, text.error().detail);
    }
    auto parsed = parse_manifest(*text);
    if (!parsed) {
        return refusal{path.string(), refusal_code::bad_manifest,
                       "the manifest of " + printable(path.string()) + " " + parsed.error()};
    }
    return std::move(*parsed);
}

std::optional<refusal> check_fit(const manifest& description, const std::filesystem::path& path,
                                 const std::set<std::string, std::less<>>& host_extensions) {
    const auto own = abi_version(GW_ABI_MAJOR, GW_ABI_MINOR);
    const auto asked = abi_version(description.abi_major, description.abi_minor);
    if (description.abi_major != GW_ABI_MAJOR) {
        return unsuited(refusal_code::wrong_abi, path,
                        "is made for version " + asked + " of the gateway's ABI; this host has " + own +
                            " and needs a module for " + std::to_string(GW_ABI_MAJOR) + ".x");
    }
    if (description.abi_minor > GW_ABI_MINOR) {
        return unsuited(refusal_code::newer_abi, path,
                        "needs version " + asked + " of the gateway's ABI; this host has only " + own +
                            ": a newer host can use it");
    }
    for (const auto& extension : description.requirements) {
        if (!host_extensions.contains(extension)) {
            return unsuited(refusal_code::requirement_missing, path,
                            "requires the extension \"" + printable(extension) + "\", which this host does not offer");
        }
    }
    return {};
}

}  // namespace gateway::module
