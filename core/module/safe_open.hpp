// Opens a module's file so that nobody but root and the user the host runs as can have made it, and tells whether a
// file is the same as before.
//
// Links are followed, since packages use them; what counts is the file at the end: a regular file, owned by root or by
// us, not writable by all, in a directory that is not writable by all, below directories where nobody else can rename
// it. Writable by a group is accepted (README.md says why).
// The check is made on the opened descriptor, so nothing can be exchanged between check and use. Stateless, any thread.
#pragma once

#include "module/refusal.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

namespace gateway::module {

inline constexpr std::uint64_t max_module_bytes = std::uint64_t{256} << 20U;

// Owns a file descriptor.
class owned_fd {
public:
    explicit owned_fd(int fd = -1) noexcept : fd_(fd) {}
    owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    owned_fd& operator=(owned_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~owned_fd();

    [[nodiscard]] int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

// Equal identities: the same file, untouched. A file that cannot be looked at has only an `error`.
struct file_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    int error = 0;

    bool operator==(const file_identity&) const = default;
};

struct checked_file {
    owned_fd fd;
    file_identity identity;
};

[[nodiscard]] boost::system::result<checked_file, refusal> open_module_file(const std::filesystem::path& path);

// Opens the directory; the same rules as for the directory of a file.
[[nodiscard]] boost::system::result<owned_fd, refusal> open_module_directory(const std::filesystem::path& path);

[[nodiscard]] file_identity identify(const std::filesystem::path& path) noexcept;  // of what a link leads to
[[nodiscard]] file_identity identify(int fd) noexcept;

// The path is a symbolic link, or one of several hard links: made in one step, never written through this name.
[[nodiscard]] bool is_link(const std::filesystem::path& path) noexcept;

}  // namespace gateway::module
