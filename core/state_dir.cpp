#include "state_dir.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gateway {
namespace {

using refusal = state_dir::refusal;

refusal failed(const std::filesystem::path& path, const char* what) {
    return {path.string() + " cannot be " + what + ": " + std::strerror(errno)};
}

std::optional<refusal> problem_of(int directory, const std::filesystem::path& path) {
    struct stat found{};
    if (::fstat(directory, &found) != 0) {
        return failed(path, "looked at");
    }
    if (found.st_uid != ::geteuid()) {
        return refusal{path.string() + " belongs to user " + std::to_string(found.st_uid) + ", but the host runs as " +
                           std::to_string(::geteuid()) + "; chown it, or choose another --state-dir",
                       true};
    }
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return refusal{path.string() + " may be changed by other users; chmod 700 would be right", true};
    }
    return std::nullopt;
}

}  // namespace

boost::system::result<std::shared_ptr<const state_dir>, refusal> state_dir::hold(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);  // with the process's umask, 0077
    if (error) {
        return refusal{path.string() + " cannot be made: " + error.message()};
    }
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return failed(path, "opened");
    }
    if (auto problem = problem_of(directory, path)) {
        ::close(directory);
        return std::move(*problem);
    }
    const auto lock_path = path / "lock";
    const int lock = ::openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (lock < 0) {
        auto why = failed(lock_path, "opened for writing");
        ::close(directory);
        return why;
    }
    ::close(directory);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        auto why = errno == EWOULDBLOCK
                       ? refusal{"another gateway-host uses " + path.string() + "; give each its own --state-dir"}
                       : failed(lock_path, "locked");
        ::close(lock);
        return why;
    }
    return std::shared_ptr<const state_dir>(new state_dir(lock));
}

state_dir::~state_dir() {
    ::close(lock_);
}

}  // namespace gateway
