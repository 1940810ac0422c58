#include "module/generations.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gateway::module {
namespace {

std::string words(int error) {
    return std::generic_category().message(error);
}

// Copies `size` bytes; 0 or errno. ENODATA: the source ended early.
int copy_bytes(int from, int to, std::uint64_t size) {
    off_t at = 0;
    bool in_kernel = true;
    while (size > 0) {
        // copy_file_range shares the blocks where the file system can; between file systems sendfile does it.
        ssize_t done = in_kernel ? ::copy_file_range(from, &at, to, nullptr, size, 0) : ::sendfile(to, from, &at, size);
        if (done < 0 && in_kernel && errno != EINTR && errno != ENOSPC && errno != EDQUOT && errno != EIO) {
            in_kernel = false;
            continue;
        }
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return errno;
        }
        if (done == 0) {
            return ENODATA;
        }
        size -= static_cast<std::uint64_t>(done);
    }
    return 0;
}

// The dynamic linker takes a path it has loaded before for the same module, even if the file is another one now. That
// happens when a host is started twice within one process.
bool is_path_loaded(const std::filesystem::path& path) {
    void* handle = ::dlopen(path.c_str(), RTLD_NOLOAD | RTLD_LAZY);
    if (handle != nullptr) {
        ::dlclose(handle);  // gives back only what the look-up counted
    }
    return handle != nullptr;
}

std::size_t read_block(int fd, char* into, std::size_t size, off_t at) {
    std::size_t got = 0;
    while (got < size) {
        const ssize_t more = ::pread(fd, into + got, size - got, at + static_cast<off_t>(got));
        if (more < 0 && errno == EINTR) {
            continue;
        }
        if (more <= 0) {
            break;
        }
        got += static_cast<std::size_t>(more);
    }
    return got;
}

}  // namespace

std::optional<std::string> generations::prepare() {
    if (prepared_) {
        return {};
    }
    std::error_code error;
    std::filesystem::create_directories(directory_.parent_path(), error);
    if (error) {
        return error.message();
    }
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
        return words(errno);
    }
    const owned_fd fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        return words(errno);
    }
    if (status.st_uid != ::geteuid()) {
        return "the directory belongs to user " + std::to_string(status.st_uid) + "; remove it";
    }
    if (::fchmod(fd.get(), 0700) != 0) {
        return words(errno);
    }
    for (auto entry = std::filesystem::directory_iterator(directory_, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (entry->path().extension() == ".so") {
            ::unlink(entry->path().c_str());  // what remains is only in the way of nothing: O_EXCL tells
        }
    }
    if (error) {
        return error.message();
    }
    prepared_ = true;
    return {};
}

boost::system::result<generations::private_copy, refusal> generations::make_copy(const checked_file& from,
                                                                                 const std::filesystem::path& source,
                                                                                 const std::string& name,
                                                                                 unsigned generation) {
    const auto failed = [&](const std::string& why) {
        return refusal{source.string(), refusal_code::copy_failed,
                       printable(source.string()) + " cannot be copied to " + printable(directory_.string()) + ": " +
                           why + "; the copy is what would be loaded"};
    };
    if (auto why = prepare()) {
        return failed(*why);
    }
    const auto stem = name + "-" + std::to_string(generation);
    auto path = directory_ / (stem + ".so");
    for (int i = 2; is_path_loaded(path); ++i) {
        path = directory_ / (stem + "." + std::to_string(i) + ".so");
    }
    const owned_fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
    if (!out) {
        return failed(words(errno));
    }
    const int error = copy_bytes(from.fd.get(), out.get(), from.identity.size);
    const bool changed = error == ENODATA || identify(from.fd.get()) != from.identity;
    owned_fd in(error == 0 && !changed ? ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1);
    if (!in) {
        const int reason = error != 0 ? error : errno;
        discard(path);
        if (changed) {
            return refusal{source.string(), refusal_code::changing,
                           printable(source.string()) + " is being changed right now; it is looked at again when done"};
        }
        return failed(words(reason));
    }
    return private_copy{std::move(path), std::move(in)};
}

void generations::discard(const std::filesystem::path& copy) const noexcept {
    ::unlink(copy.c_str());
}

bool same_contents(int fd, int other_fd) {
    std::array<char, 65536> one;
    std::array<char, 65536> other;
    for (off_t at = 0;; at += static_cast<off_t>(one.size())) {
        const auto size = read_block(fd, one.data(), one.size(), at);
        if (size != read_block(other_fd, other.data(), other.size(), at) ||
            std::memcmp(one.data(), other.data(), size) != 0) {
            return false;
        }
        if (size < one.size()) {
            return true;
        }
    }
}

}  // namespace gateway::module
