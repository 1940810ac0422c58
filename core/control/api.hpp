// The control API without its transport: a method and a target in, a status and a JSON text out. Loop thread.
#pragma once

#include "control/server.hpp"

#include <string>
#include <string_view>

namespace gateway::control {

struct answer {
    unsigned status = 200;
    std::string body;        // JSON, redacted, with a newline at its end
    std::string_view allow;  // of a 405: the method that would be right
};

[[nodiscard]] answer serve(const server::parts& with, std::string_view method, std::string_view target);

}  // namespace gateway::control
