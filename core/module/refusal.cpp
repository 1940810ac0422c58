#include "module/refusal.hpp"

#include <cstddef>
#include <ostream>

namespace gateway::module {

std::string_view to_string(refusal_code code) noexcept {
    switch (code) {
        case refusal_code::unreadable:
            return "unreadable";
        case refusal_code::not_regular_file:
            return "not_regular_file";
        case refusal_code::wrong_owner:
            return "wrong_owner";
        case refusal_code::writable_by_all:
            return "writable_by_all";
        case refusal_code::too_large:
            return "too_large";
        case refusal_code::too_many_files:
            return "too_many_files";
        case refusal_code::not_elf:
            return "not_elf";
        case refusal_code::truncated:
            return "truncated";
        case refusal_code::wrong_architecture:
            return "wrong_architecture";
        case refusal_code::not_shared_object:
            return "not_shared_object";
        case refusal_code::no_note:
            return "no_note";
        case refusal_code::bad_note:
            return "bad_note";
        case refusal_code::bad_manifest:
            return "bad_manifest";
        case refusal_code::wrong_abi:
            return "wrong_abi";
        case refusal_code::newer_abi:
            return "newer_abi";
        case refusal_code::requirement_missing:
            return "requirement_missing";
        case refusal_code::duplicate_name:
            return "duplicate_name";
        case refusal_code::not_present:
            return "not_present";
        case refusal_code::changing:
            return "changing";
        case refusal_code::copy_failed:
            return "copy_failed";
        case refusal_code::missing_library:
            return "missing_library";
        case refusal_code::unresolved_symbol:
            return "unresolved_symbol";
        case refusal_code::not_loadable:
            return "not_loadable";
        case refusal_code::missing_symbol:
            return "missing_symbol";
        case refusal_code::struct_too_short:
            return "struct_too_short";
        case refusal_code::null_function:
            return "null_function";
        case refusal_code::manifest_differs:
            return "manifest_differs";
        case refusal_code::constructor_crashed:
            return "constructor_crashed";
        case refusal_code::constructor_exited:
            return "constructor_exited";
        case refusal_code::constructor_hung:
            return "constructor_hung";
        case refusal_code::not_probed:
            return "not_probed";
    }
    return "unknown";
}

bool passes_by_itself(refusal_code code) noexcept {
    return code == refusal_code::changing || code == refusal_code::copy_failed || code == refusal_code::not_probed;
}

std::ostream& operator<<(std::ostream& out, const refusal& what) {
    return out << what.sentence;
}

std::string printable(std::string_view path) {
    constexpr std::size_t max_bytes = 256;
    std::string result;
    for (const char c : path.substr(0, max_bytes)) {
        const bool hidden = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        result += hidden ? '?' : c;
    }
    return path.size() > max_bytes ? result + "..." : result;
}

}  // namespace gateway::module
