#include "module/elf_note.hpp"
#include "unit/module_fixture.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <random>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using namespace gateway::module;
using namespace gateway::module::testing;

namespace {

constexpr note_id manifest_note{"gateway", 1, 65536};

// A file without a name, in memory.
class memory_file {
public:
    explicit memory_file(const std::string& bytes) : fd_(::memfd_create("elf", MFD_CLOEXEC)) {
        REQUIRE(fd_);
        put(0, bytes);
    }
    void put(std::size_t at, const std::string& bytes) const {
        REQUIRE(::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
                static_cast<ssize_t>(bytes.size()));
    }
    void cut(std::size_t size) const { REQUIRE(::ftruncate(fd_.get(), static_cast<off_t>(size)) == 0); }
    [[nodiscard]] auto read(std::size_t size, const note_id& id = manifest_note) const {
        return read_elf_note(fd_.get(), size, id);
    }

private:
    owned_fd fd_;
};

auto read(const std::string& bytes, const note_id& id = manifest_note) {
    return memory_file(bytes).read(bytes.size(), id);
}

template <class T>
T& at(std::string& bytes, std::size_t offset) {
    REQUIRE(offset + sizeof(T) <= bytes.size());
    return *reinterpret_cast<T*>(bytes.data() + offset);  // NOLINT: the structures of an ELF file are aligned in it
}

Elf64_Ehdr& header_of(std::string& bytes) {
    return at<Elf64_Ehdr>(bytes, 0);
}

Elf64_Phdr& segment_of(std::string& bytes, std::uint32_t type) {
    auto& header = header_of(bytes);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        auto& segment = at<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
        if (segment.p_type == type) {
            return segment;
        }
    }
    throw std::runtime_error("no such segment");
}

std::string code_and_detail(const std::string& bytes) {
    const auto text = read(bytes);
    return text ? "found" : std::to_string(static_cast<int>(text.error().code)) + " " + text.error().detail;
}

std::string fault(elf_error code, const std::string& detail) {
    return std::to_string(static_cast<int>(code)) + " " + detail;
}

// A small ELF file of this host with one note segment that holds these bytes, and nothing else that is of interest.
std::string elf_with_notes(const std::string& notes, std::uint64_t alignment = 4) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = host_elf_machine();
    header.e_phoff = sizeof(header);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 3;
    Elf64_Phdr segments[3]{};
    segments[0].p_type = PT_LOAD;
    segments[1].p_type = PT_DYNAMIC;
    segments[1].p_filesz = sizeof(Elf64_Dyn);
    segments[2].p_type = PT_NOTE;
    segments[2].p_offset = sizeof(header) + sizeof(segments);
    segments[2].p_filesz = notes.size();
    segments[2].p_align = alignment;
    std::string bytes(sizeof(header) + sizeof(segments), '\0');
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + sizeof(header), segments, sizeof(segments));
    return bytes + notes;
}

std::string note(const std::string& name, std::uint32_t type, const std::string& text, std::size_t alignment = 4) {
    const Elf64_Nhdr head{static_cast<Elf64_Word>(name.size() + 1), static_cast<Elf64_Word>(text.size()), type};
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof(head));
    bytes += name + '\0';
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    bytes += text;
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    return bytes;
}

}  // namespace

TEST_CASE("elf note: the text is found in a real module") {
    const auto text = read(minimal());
    REQUIRE(text.has_value());
    CHECK(*text == R"({"name": "minimal", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");
}

TEST_CASE("elf note: the text is found in a file whose section headers were taken away") {
    auto bytes = minimal();
    auto& header = header_of(bytes);
    const auto sections_at = header.e_shoff;
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = 0;
    bytes.resize(sections_at);
    CHECK(read(bytes).has_value());
}

TEST_CASE("elf note: notes of others are passed over, whatever their alignment") {
    for (const std::size_t alignment : {4U, 8U}) {
        CAPTURE(alignment);
        const auto notes = note("GNU", 3, "abc", alignment) + note("gateway", 2, "other type", alignment) +
                           note("gatewax", 1, "other name", alignment) + note("gateway", 1, "this one", alignment);
        const auto text = read(elf_with_notes(notes, alignment));
        REQUIRE(text.has_value());
        CHECK(*text == "this one");
    }
}

TEST_CASE("elf note: a NUL that ends the text does not belong to it, and the longest text fits") {
    CHECK(*read(elf_with_notes(note("gateway", 1, std::string("text\0", 5)))) == "text");
    const note_id short_texts{"gateway", 1, 8};
    CHECK(*read(elf_with_notes(note("gateway", 1, std::string("12345678\0", 9))), short_texts) == "12345678");
    CHECK(read(elf_with_notes(note("gateway", 1, "123456789")), short_texts).error().code == elf_error::bad_note);
}

TEST_CASE("elf note: a file of another kind is no ELF file") {
    CHECK(code_and_detail("") == fault(elf_error::not_elf, "is empty; a module is an ELF shared object"));
    CHECK(code_and_detail("#!/bin/sh\nexit 0\n") ==
          fault(elf_error::not_elf, "is no ELF file; a module is an ELF shared object"));
    CHECK(code_and_detail("\x7f"
                          "ELV") == fault(elf_error::not_elf, "is no ELF file; a module is an ELF shared object"));
}

TEST_CASE("elf note: another machine, word size or byte order is another architecture") {
    const std::string own = host_elf_machine() == EM_X86_64 ? "x86-64" : "aarch64";
    const std::string other = host_elf_machine() == EM_X86_64 ? "aarch64" : "x86-64";
    auto bytes = minimal();
    header_of(bytes).e_machine = host_elf_machine() == EM_X86_64 ? EM_AARCH64 : EM_X86_64;
    CHECK(code_and_detail(bytes) ==
          fault(elf_error::wrong_architecture, "is built for " + other + "; this host needs " + own));
    bytes = minimal();
    header_of(bytes).e_ident[EI_CLASS] = ELFCLASS32;
    CHECK(code_and_detail(bytes) ==
          fault(elf_error::wrong_architecture, "is built for a 32-bit machine; this host needs " + own));
    bytes = minimal();
    header_of(bytes).e_ident[EI_DATA] = ELFDATA2MSB;
    CHECK(code_and_detail(bytes) ==
          fault(elf_error::wrong_architecture, "is built for a big-endian machine; this host needs " + own));
}

TEST_CASE("elf note: object files, programs and files without anything to load are no shared objects") {
    for (const Elf64_Half type : {Elf64_Half{ET_REL}, Elf64_Half{ET_EXEC}, Elf64_Half{ET_CORE}}) {
        auto bytes = minimal();
        header_of(bytes).e_type = type;
        CHECK(read(bytes).error().code == elf_error::not_shared_object);
    }
    auto bytes = minimal();
    segment_of(bytes, PT_DYNAMIC).p_type = PT_NULL;
    CHECK(read(bytes).error().code == elf_error::not_shared_object);
}

TEST_CASE("elf note: a shared object without the note is told so") {
    const auto text = read(contents(built("refuse_no_note")));
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == elf_error::no_note);
}

TEST_CASE("elf note: offsets and sizes that overflow are refused") {
    constexpr auto huge = ~std::uint64_t{0};
    auto bytes = minimal();
    header_of(bytes).e_phoff = huge - 8;
    CHECK(read(bytes).error().code == elf_error::truncated);
    bytes = minimal();
    segment_of(bytes, PT_NOTE).p_offset = huge - 3;
    CHECK(read(bytes).error().code == elf_error::truncated);
    bytes = minimal();
    segment_of(bytes, PT_NOTE).p_filesz = huge;
    CHECK(read(bytes).error().code == elf_error::truncated);
    auto notes = note("gateway", 1, "text");
    at<Elf64_Nhdr>(notes, 0).n_descsz = 0xffffffffU;
    CHECK(read(elf_with_notes(notes)).error().code == elf_error::bad_note);
    at<Elf64_Nhdr>(notes, 0).n_namesz = 0xffffffffU;
    CHECK(read(elf_with_notes(notes)).error().code == elf_error::bad_note);
}

TEST_CASE("elf note: too many notes are not walked") {
    std::string notes;
    for (int i = 0; i < 65; ++i) {
        notes += note("GNU", 3, "");
    }
    CHECK(read(elf_with_notes(notes + note("gateway", 1, "text"))).error().code == elf_error::bad_note);
}

TEST_CASE("elf note: a module cut anywhere is truncated") {
    const auto bytes = minimal();
    const memory_file file(bytes);
    for (std::size_t size = bytes.size() - 1; size > 0; --size) {
        file.cut(size);
        const auto text = file.read(size);
        REQUIRE_FALSE(text.has_value());
        REQUIRE_MESSAGE(text.error().code == elf_error::truncated, size << " bytes: " << text.error().detail);
    }
}

TEST_CASE("elf note: a file that becomes shorter while it is read is truncated") {
    const auto bytes = minimal();
    const memory_file file(bytes);
    for (const std::size_t size : {sizeof(Elf64_Ehdr) + 8, sizeof(Elf64_Ehdr), std::size_t{3}, std::size_t{0}}) {
        file.cut(size);
        CHECK(file.read(bytes.size()).error().code == elf_error::truncated);
    }
}

TEST_CASE("elf note: flipped bits give a text or a fault, and nothing worse") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto bytes = minimal();
    const memory_file file(bytes);
    // Headers and notes stand at the start: most flips there, some anywhere.
    std::uniform_int_distribution<std::size_t> near(0, 1023);
    std::uniform_int_distribution<std::size_t> anywhere(0, bytes.size() - 1);
    std::uniform_int_distribution<int> bit(0, 7);
    for (int round = 0; round < 20'000; ++round) {
        const int flips = 1 + round % 4;
        std::size_t places[4];
        for (int i = 0; i < flips; ++i) {
            places[i] = round % 5 == 0 ? anywhere(random) : near(random);
            file.put(places[i], std::string(1, static_cast<char>(bytes[places[i]] ^ (1 << bit(random)))));
        }
        if (const auto text = file.read(bytes.size()); !text) {
            REQUIRE_FALSE(text.error().detail.empty());
        }
        for (int i = 0; i < flips; ++i) {
            file.put(places[i], std::string(1, bytes[places[i]]));
        }
    }
    CHECK(file.read(bytes.size()).has_value());
}
