#include "net/file_body.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gateway::net {

namespace {

std::string sentence(const std::string& what, const std::string& path, int error) {
    return what + ' ' + path + ": " + std::generic_category().message(error);
}

}  // namespace

file_descriptor::~file_descriptor() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

file_descriptor::file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

boost::system::result<file_source, std::string> file_source::open(const std::string& path) {
    // O_NONBLOCK: a FIFO put in the file's place must not stop the loop.
    file_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    struct stat status{};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        return sentence("cannot read", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return "cannot read " + path + ": not a regular file";
    }
    file_source source;
    source.file_ = std::move(file);
    source.size_ = static_cast<std::uint64_t>(status.st_size);
    return source;
}

std::ptrdiff_t file_source::read(char* into, std::size_t room) noexcept {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room, size_ - offset_));
    if (wanted == 0) {
        return 0;
    }
    ssize_t got = 0;
    do {
        got = ::pread(file_.get(), into, wanted, static_cast<off_t>(offset_));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return -1;
    }
    offset_ += static_cast<std::uint64_t>(got);
    return got;
}

bool file_source::seek(std::uint64_t offset) noexcept {
    if (offset > size_) {
        return false;
    }
    offset_ = offset;
    return true;
}

boost::system::result<file_sink, std::string> file_sink::create(const std::string& path) {
    std::string temporary = path + ".part-XXXXXX";
    file_descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
    if (file.get() < 0) {
        return sentence("cannot write", path, errno);
    }
    file_sink sink;
    sink.file_ = std::move(file);
    sink.path_ = path;
    sink.temporary_ = std::move(temporary);
    return sink;
}

file_sink::~file_sink() {
    discard();
}

file_sink::file_sink(file_sink&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      error_(other.error_) {}

file_sink& file_sink::operator=(file_sink&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
    std::swap(error_, other.error_);
    return *this;
}

bool file_sink::write(std::string_view data) noexcept {
    while (!data.empty()) {
        const ssize_t put = ::write(file_.get(), data.data(), data.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            error_ = errno;
            return false;
        }
        data.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

bool file_sink::commit() noexcept {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        error_ = errno;
        return false;
    }
    temporary_.clear();
    return true;
}

std::string file_sink::complaint() const {
    return sentence("cannot write", path_, error_);
}

void file_sink::discard() noexcept {
    if (!temporary_.empty()) {
        ::unlink(temporary_.c_str());
    }
}

}  // namespace gateway::net
