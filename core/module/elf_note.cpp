#include "module/elf_note.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "The host runs on x86-64 and aarch64."
#endif
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "structures are read as they lie in the file");

namespace gateway::module {
namespace {

constexpr std::size_t max_program_headers = 256;
constexpr int max_notes = 64;
constexpr std::uint64_t max_note_name_bytes = 256;

using step = std::optional<elf_fault>;  // empty: all is well so far

std::string machine_name(std::uint16_t machine) {
    switch (machine) {
        case EM_386:
            return "i386";
        case EM_ARM:
            return "arm";
        case EM_X86_64:
            return "x86-64";
        case EM_AARCH64:
            return "aarch64";
        case EM_RISCV:
            return "riscv";
        default:
            return "ELF machine " + std::to_string(machine);
    }
}

elf_fault truncated(std::uint64_t size, const std::string& what) {
    return {elf_error::truncated,
            "is truncated: it ends after " + std::to_string(size) + " bytes, before the end of its " + what};
}

elf_fault bad_note(const std::string& why) {
    return {elf_error::bad_note, "has a broken note segment: " + why};
}

// Reads exactly `size` bytes. A file that ends early became shorter while it was read.
step read_at(int fd, std::uint64_t offset, void* into, std::size_t size) {
    auto* out = static_cast<char*>(into);
    while (size > 0) {
        const ssize_t got = ::pread(fd, out, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return elf_fault{elf_error::unreadable, "cannot be read: " + std::generic_category().message(errno)};
        }
        if (got == 0) {
            return truncated(offset, "contents");
        }
        out += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return {};
}

// Overflow-safe: does [offset, offset + size) lie within the file?
bool within(std::uint64_t offset, std::uint64_t size, std::uint64_t file_size) {
    return offset <= file_size && size <= file_size - offset;
}

step check_header(const Elf64_Ehdr& header, std::uint64_t file_size) {
    const bool same_host = header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
                           header.e_machine == host_elf_machine();
    if (!same_host) {
        std::string what = "other";
        if (header.e_ident[EI_CLASS] == ELFCLASS32) {
            what = "a 32-bit machine";
        } else if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
            what = "a big-endian machine";
        } else {
            what = machine_name(header.e_machine);
        }
        return elf_fault{elf_error::wrong_architecture,
                         "is built for " + what + "; this host needs " + machine_name(host_elf_machine())};
    }
    if (header.e_type != ET_DYN) {
        return elf_fault{elf_error::not_shared_object,
                         "is an ELF file but no shared object; a module is linked with -shared"};
    }
    if (header.e_phnum == 0 || header.e_phnum > max_program_headers || header.e_phentsize != sizeof(Elf64_Phdr)) {
        return elf_fault{elf_error::not_shared_object,
                         "has no usable program headers; a module is linked with -shared"};
    }
    if (!within(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr), file_size)) {
        return truncated(file_size, "program headers");
    }
    // Section headers are not used, but linkers put them last: when they are cut off, so may be anything before.
    if (header.e_shoff != 0 && header.e_shnum != 0 &&
        !within(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize, file_size)) {
        return truncated(file_size, "section headers");
    }
    return {};
}

step check_segments(const Elf64_Phdr* headers, std::size_t count, std::uint64_t file_size) {
    bool loaded = false;
    bool dynamic = false;
    for (const auto* header = headers; header != headers + count; ++header) {
        if (header->p_type == PT_NULL) {
            continue;
        }
        if (!within(header->p_offset, header->p_filesz, file_size)) {
            return truncated(file_size, "segments");
        }
        loaded |= header->p_type == PT_LOAD;
        dynamic |= header->p_type == PT_DYNAMIC && header->p_filesz >= sizeof(Elf64_Dyn);
    }
    if (!loaded || !dynamic) {
        return elf_fault{elf_error::not_shared_object,
                         "has nothing to load or to link; a module is linked with -shared"};
    }
    return {};
}

std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) & ~(alignment - 1);
}

// Reads the text of a note that was found.
step read_text(int fd, std::uint64_t offset, std::uint32_t size, const note_id& id,
               std::optional<std::string>& ret_text) {
    const auto too_long = [&] {
        return bad_note("its text is longer than " + std::to_string(id.max_text_bytes) + " bytes");
    };
    if (size > std::uint64_t{id.max_text_bytes} + 1) {  // one more for a NUL
        return too_long();
    }
    std::string text(size, '\0');
    if (auto fault = read_at(fd, offset, text.data(), text.size())) {
        return fault;
    }
    if (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    if (text.size() > id.max_text_bytes) {
        return too_long();
    }
    ret_text = std::move(text);
    return {};
}

// Walks one note segment, whose place in the file is known to be sound. `ret_text` is set when the note is in it.
step search_segment(int fd, const Elf64_Phdr& segment, const note_id& id, std::optional<std::string>& ret_text) {
    const std::uint64_t alignment = segment.p_align == 8 ? 8 : 4;
    std::uint64_t at = 0;  // within the segment
    for (int walked = 0; segment.p_filesz - at >= sizeof(Elf64_Nhdr); ++walked) {
        if (walked == max_notes) {
            return bad_note("more than " + std::to_string(max_notes) + " notes");
        }
        Elf64_Nhdr note{};
        if (auto fault = read_at(fd, segment.p_offset + at, &note, sizeof(note))) {
            return fault;
        }
        // From the start of the note. Its sizes are 32 bits wide: no sum of them overflows 64.
        const std::uint64_t text_at = padded(sizeof(note) + std::uint64_t{note.n_namesz}, alignment);
        if (!within(at, text_at + note.n_descsz, segment.p_filesz)) {
            return bad_note("a note is longer than its segment");
        }
        std::array<char, max_note_name_bytes> name{};
        if (note.n_type == id.type && note.n_namesz == id.name.size() + 1 && note.n_namesz <= name.size()) {
            if (auto fault = read_at(fd, segment.p_offset + at + sizeof(note), name.data(), note.n_namesz)) {
                return fault;
            }
            if (name[id.name.size()] == '\0' && std::string_view(name.data(), id.name.size()) == id.name) {
                return read_text(fd, segment.p_offset + at + text_at, note.n_descsz, id, ret_text);
            }
        }
        at += std::min(padded(text_at + note.n_descsz, alignment), segment.p_filesz - at);
    }
    return {};
}

}  // namespace

std::uint16_t host_elf_machine() noexcept {
#if defined(__x86_64__)
    return EM_X86_64;
#else
    return EM_AARCH64;
#endif
}

boost::system::result<std::string, elf_fault> read_elf_note(int fd, std::uint64_t file_size, const note_id& id) {
    Elf64_Ehdr header{};
    const auto ident_size = static_cast<std::size_t>(std::min<std::uint64_t>(file_size, EI_NIDENT));
    if (auto fault = read_at(fd, 0, &header, ident_size)) {
        return *fault;
    }
    if (file_size == 0 || std::memcmp(header.e_ident, ELFMAG, std::min<std::size_t>(ident_size, SELFMAG)) != 0) {
        return elf_fault{elf_error::not_elf, file_size == 0 ? "is empty; a module is an ELF shared object"
                                                            : "is no ELF file; a module is an ELF shared object"};
    }
    if (file_size < sizeof(header)) {
        return truncated(file_size, "ELF header");
    }
    if (auto fault = read_at(fd, 0, &header, sizeof(header))) {
        return *fault;
    }
    if (auto fault = check_header(header, file_size)) {
        return *fault;
    }
    std::array<Elf64_Phdr, max_program_headers> segments;
    if (auto fault = read_at(fd, header.e_phoff, segments.data(), header.e_phnum * sizeof(Elf64_Phdr))) {
        return *fault;
    }
    if (auto fault = check_segments(segments.data(), header.e_phnum, file_size)) {
        return *fault;
    }
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        std::optional<std::string> text;
        if (segments[i].p_type != PT_NOTE) {
            continue;
        }
        if (auto fault = search_segment(fd, segments[i], id, text)) {
            return *fault;
        }
        if (text) {
            return std::move(*text);
        }
    }
    return elf_fault{elf_error::no_note, "is a shared object without a manifest; a module has one in its ELF note \"" +
                                             std::string(id.name) + "\" (see GW_MANIFEST in gateway/manifest.h)"};
}

}  // namespace gateway::module
