#include "state_dir.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gateway {

boost::system::result<std::shared_ptr<const state_dir>, std::string> state_dir::hold(
    const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        return path.string() + " cannot be made: " + error.message();
    }
    const auto lock_path = path / "lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (lock < 0) {
        return lock_path.string() + " cannot be opened for writing: " + std::strerror(errno);
    }
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const bool taken = errno == EWOULDBLOCK;
        std::string sentence = taken ? "another gateway-host uses " + path.string() + "; give each its own --state-dir"
                                     : lock_path.string() + " cannot be locked: " + std::strerror(errno);
        ::close(lock);
        return sentence;
    }
    return std::shared_ptr<const state_dir>(new state_dir(lock));
}

state_dir::~state_dir() {
    ::close(lock_);
}

}  // namespace gateway
