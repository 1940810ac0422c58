#include "config/file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gateway::config {
namespace {

class descriptor {
public:
    explicit descriptor(int number) : number_{number} {}
    ~descriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

file_problem from_errno(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return {"does not exist", true};
        case EACCES:
            return {"may not be read by this user (permission denied)", false};
        default:
            return {"cannot be read: " + std::generic_category().message(error), false};
    }
}

}  // namespace

boost::system::result<file_text, file_problem> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
    const descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat info{};
    if (file.number() < 0 || fstat(file.number(), &info) != 0) {
        return from_errno(errno);
    }
    if (S_ISDIR(info.st_mode)) {
        return file_problem{"is a directory, not a file", false};
    }
    if (!S_ISREG(info.st_mode)) {
        return file_problem{"is not a regular file", false};
    }
    file_text result;
    result.readable_by_all = (info.st_mode & S_IROTH) != 0;
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t count = read(file.number(), buffer.data(), buffer.size());
        if (count == 0) {
            return result;
        }
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            return from_errno(errno);
        }
        result.text.append(buffer.data(), static_cast<std::size_t>(count));
        if (result.text.size() > max_bytes) {
            return file_problem{"is larger than " + std::to_string(max_bytes) + " bytes", false};
        }
    }
}

}  // namespace gateway::config
