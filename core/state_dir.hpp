// The state directory: made if need be, and held by one host at a time.
#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace gateway {

class state_dir {
public:
    // Makes the directory (mode 0700) and takes its lock: a kernel lock, which dies with its owner. The error is a
    // sentence that names the directory and, when another host has it, says so.
    [[nodiscard]] static boost::system::result<std::shared_ptr<const state_dir>, std::string> hold(
        const std::filesystem::path& path);

    ~state_dir();
    state_dir(const state_dir&) = delete;
    state_dir& operator=(const state_dir&) = delete;

private:
    explicit state_dir(int lock) : lock_(lock) {}
    int lock_;
};

}  // namespace gateway
