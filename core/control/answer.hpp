// What a request to the control socket is answered with. Plain values.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace gateway::control {

struct answer {
    unsigned status = 200;
    std::string body;        // JSON, redacted, with a newline at its end
    std::string_view allow;  // of a 405: the method that would be right; a literal
};

[[nodiscard]] answer shown(unsigned status, const boost::json::value& body);

// An error's answer: {"error": sentence}.
[[nodiscard]] answer problem(unsigned status, std::string sentence);

}  // namespace gateway::control
