// The state directory: made if need be, safe from other users, and held by one host at a time.
#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace gateway {

class state_dir {
public:
    struct refusal {
        std::string sentence;    // names the directory and what would be right
        bool is_unsafe = false;  // others could change or replace what lies in it: only its administrator can mend that
    };

    // Makes the directory (mode 0700) and takes its lock: a kernel lock, which dies with its owner. It must belong to
    // the user the host runs as, and nobody else may write there: journal, secrets and code of modules lie in it.
    [[nodiscard]] static boost::system::result<std::shared_ptr<const state_dir>, refusal> hold(
        const std::filesystem::path& path);

    ~state_dir();
    state_dir(const state_dir&) = delete;
    state_dir& operator=(const state_dir&) = delete;

private:
    explicit state_dir(int lock) : lock_(lock) {}
    int lock_;
};

}  // namespace gateway
