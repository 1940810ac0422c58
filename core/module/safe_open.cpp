#include "module/safe_open.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gateway::module {
namespace {

file_identity identity_of(const struct stat& status) noexcept {
    const auto ns = [](const timespec& at) { return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec; };
    return {.device = status.st_dev,
            .inode = status.st_ino,
            .size = static_cast<std::uint64_t>(status.st_size),
            .modified_ns = ns(status.st_mtim),
            .changed_ns = ns(status.st_ctim),
            .error = 0};
}

refusal unreadable(const std::filesystem::path& path, int error) {
    return {path.string(), refusal_code::unreadable,
            printable(path.string()) + " cannot be opened: " + std::generic_category().message(error)};
}

refusal writable_by_all(const std::filesystem::path& path, const std::filesystem::path& directory) {
    const auto where = printable(directory.string());
    return {path.string(), refusal_code::writable_by_all,
            (path == directory ? where + " is a directory that anybody may write to"
                               : printable(path.string()) + " lies below " + where + ", where anybody may write") +
                "; take that right away: chmod o-w " + where};
}

// Where the descriptor's file really lies, all links resolved; empty with errno when that cannot be told.
std::filesystem::path real_path(int fd) {
    std::array<char, 4096> target{};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    return size > 0 && static_cast<std::size_t>(size) < target.size()
               ? std::filesystem::path(std::string(target.data(), static_cast<std::size_t>(size)))
               : std::filesystem::path();
}

// Checks `directory` and all above it. In the nearest one nobody else may create files, further up nobody else may
// rename (which the sticky bit prevents).
std::optional<refusal> check_directories(const std::filesystem::path& path, std::filesystem::path directory) {
    for (bool nearest = true;; nearest = false) {
        struct stat status{};
        if (::stat(directory.c_str(), &status) != 0) {
            return unreadable(path, errno);
        }
        const bool by_all = (status.st_mode & S_IWOTH) != 0;
        const bool sticky = (status.st_mode & S_ISVTX) != 0;
        if (by_all && (nearest || !sticky)) {
            return writable_by_all(path, directory);
        }
        auto parent = directory.parent_path();
        if (parent == directory) {
            return {};
        }
        directory = std::move(parent);
    }
}

std::optional<refusal> check_file(const std::filesystem::path& path, const struct stat& status) {
    const auto where = printable(path.string());
    if (!S_ISREG(status.st_mode)) {
        return refusal{path.string(), refusal_code::not_regular_file,
                       where + " is no regular file; a module is a file, or a link to one"};
    }
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
        return refusal{path.string(), refusal_code::wrong_owner,
                       where + " belongs to user " + std::to_string(status.st_uid) +
                           "; it must belong to root or to the user the host runs as (" + std::to_string(::geteuid()) +
                           ")"};
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return refusal{path.string(), refusal_code::writable_by_all,
                       where + " may be changed by anybody; take that right away: chmod o-w " + where};
    }
    if (static_cast<std::uint64_t>(status.st_size) > max_module_bytes) {
        return refusal{path.string(), refusal_code::too_large,
                       where + " has " + std::to_string(status.st_size) + " bytes; a module has at most " +
                           std::to_string(max_module_bytes)};
    }
    return {};
}

}  // namespace

owned_fd::~owned_fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

boost::system::result<checked_file, refusal> open_module_file(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a pipe must not wait for its other end.
    owned_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        return unreadable(path, errno);
    }
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) {
        return unreadable(path, errno);
    }
    if (auto refused = check_file(path, status)) {
        return std::move(*refused);
    }
    const auto real = real_path(fd.get());
    if (real.empty()) {
        return unreadable(path, errno);
    }
    if (auto refused = check_directories(path, real.parent_path())) {
        return std::move(*refused);
    }
    return checked_file{std::move(fd), identity_of(status)};
}

boost::system::result<owned_fd, refusal> open_module_directory(const std::filesystem::path& path) {
    owned_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    if (!fd && errno == ENOENT) {
        return refusal{path.string(), refusal_code::unreadable,
                       printable(path.string()) + " does not exist; modules are found as soon as it does"};
    }
    if (!fd) {
        return unreadable(path, errno);
    }
    const auto real = real_path(fd.get());
    if (real.empty()) {
        return unreadable(path, errno);
    }
    if (auto refused = check_directories(path, real)) {
        return std::move(*refused);
    }
    return fd;
}

file_identity identify(const std::filesystem::path& path) noexcept {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? identity_of(status) : file_identity{.error = errno};
}

file_identity identify(int fd) noexcept {
    struct stat status{};
    return ::fstat(fd, &status) == 0 ? identity_of(status) : file_identity{.error = errno};
}

bool is_link(const std::filesystem::path& path) noexcept {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 &&
           (S_ISLNK(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink > 1));
}

}  // namespace gateway::module
