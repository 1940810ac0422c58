// Finds the manifest's note in an ELF file by reading it, never by mapping or executing it.
//
// Only the ELF header, the program headers and the note segments are read (with pread, so the descriptor's position
// does not matter); sections are not needed. Every offset and size comes from the file and is checked against its size
// before use. The file may be anything at all: the answer is the note's text or one fault.
//
// Bounds: 256 program headers, 64 notes walked, `max_text_bytes` of text. Stateless, any thread.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::module {

enum class elf_error {
    not_elf,             // another kind of file
    truncated,           // its own headers say that it is longer
    wrong_architecture,  // other machine, class or byte order than this host
    not_shared_object,   // an object file, a program, a core dump
    no_note,             // a sound shared object that is not a module
    bad_note,            // its note segments contradict themselves, or the text exceeds its bound
    unreadable           // the system refuses to read it
};

// `detail` completes the sentence "FILE …", without a full stop: "is no ELF file".
struct elf_fault {
    elf_error code;
    std::string detail;
};

struct note_id {
    std::string_view name;  // without its terminating NUL
    std::uint32_t type;
    std::uint32_t max_text_bytes;
};

// The text of the first note with this name and type; a NUL that ends it does not belong to it.
boost::system::result<std::string, elf_fault> read_elf_note(int fd, std::uint64_t file_size, const note_id& id);

// The e_machine value of this host: 62 on x86-64, 183 on aarch64.
std::uint16_t host_elf_machine() noexcept;

}  // namespace gateway::module
