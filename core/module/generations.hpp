// The private copies that modules are loaded from: STATE_DIR/generations/NAME-GENERATION.so.
//
// The directory is ours alone (mode 0700) and is made, and emptied of the copies of earlier runs, when the first copy
// is made; so a catalogue that never loads anything (gateway-host --check) touches nothing. Whoever constructs this
// holds the lock of the state directory. One thread.
#pragma once

#include "module/refusal.hpp"
#include "module/safe_open.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace gateway::module {

class generations {
public:
    explicit generations(std::filesystem::path directory) : directory_(std::move(directory)) {}

    struct private_copy {
        std::filesystem::path path;
        owned_fd fd;  // for reading
    };

    // Copies the file as opened. Refused as `changing` when it was written meanwhile, else as `copy_failed`.
    [[nodiscard]] boost::system::result<private_copy, refusal> make_copy(const checked_file& from,
                                                                         const std::filesystem::path& source,
                                                                         const std::string& name, unsigned generation);
    // Removes a copy that could not be used. What is mapped of it stays mapped.
    void discard(const std::filesystem::path& copy) const noexcept;

private:
    [[nodiscard]] std::optional<std::string> prepare();  // the error, in words

    std::filesystem::path directory_;
    bool prepared_ = false;
};

// Byte for byte.
[[nodiscard]] bool same_contents(int fd, int other_fd);

}  // namespace gateway::module
