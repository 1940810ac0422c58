// One request to the control socket. Blocking, with a deadline; for command line programs.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace gateway::ctl {

struct reply {
    unsigned status = 0;
    std::string body;
};

// A name as one part of a target: what could mean something else there is percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view name);

// The error is a sentence that names the socket and says what to look for.
[[nodiscard]] boost::system::result<reply, std::string> ask(const std::filesystem::path& socket,
                                                            std::string_view method, std::string_view target,
                                                            std::chrono::milliseconds deadline = std::chrono::seconds{
                                                                10});

}  // namespace gateway::ctl
