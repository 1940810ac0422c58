// Bodies that stream from and to files. Reads and writes are small and go through the page cache, so they
// are made on the loop.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::net {

class file_descriptor {
public:
    file_descriptor() = default;
    explicit file_descriptor(int fd) noexcept : fd_(fd) {}
    ~file_descriptor();
    file_descriptor(file_descriptor&& other) noexcept;
    file_descriptor& operator=(file_descriptor&& other) noexcept;

    int get() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

// A regular file being sent; its size is fixed when it is opened. Errors are sentences with the path.
class file_source {
public:
    static boost::system::result<file_source, std::string> open(const std::string& path);

    std::uint64_t size() const noexcept { return size_; }
    // The number of bytes read; 0 at the end; -1 when the file is unreadable or has become shorter.
    std::ptrdiff_t read(char* into, std::size_t room) noexcept;
    bool seek(std::uint64_t offset) noexcept;

private:
    file_descriptor file_;
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0;
};

// A file being received: a temporary file (mode 0600) beside the final path, gone unless commit() renamed it.
class file_sink {
public:
    static boost::system::result<file_sink, std::string> create(const std::string& path);
    ~file_sink();
    file_sink(file_sink&& other) noexcept;
    file_sink& operator=(file_sink&& other) noexcept;

    bool write(std::string_view data) noexcept;
    bool commit() noexcept;
    // Why the last call failed, with the path.
    std::string complaint() const;

private:
    file_sink() = default;
    void discard() noexcept;

    file_descriptor file_;
    std::string path_;
    std::string temporary_;
    int error_ = 0;
};

}  // namespace gateway::net
