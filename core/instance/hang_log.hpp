// Which calls hung of late, and whether another incarnation may be risked. Pure.
//
// A call that never returns costs a thread for good (core/loop/README.md), so an instance that hangs again and again is
// kept away until its hangs are an hour old; what else its module does goes on, unless the module hangs everywhere.
// Bounds: per_module entries a module are counted; entries older than the window are forgotten at the next one.
#pragma once

#include "loop/time_source.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::instance {

class hang_log {
public:
    static constexpr unsigned per_instance = 3;
    static constexpr unsigned per_module = 32;
    static constexpr std::chrono::hours window{1};

    void add(std::string_view instance, std::string_view module, loop::time_point now);

    // Why no incarnation of that instance should be created now, as a sentence.
    [[nodiscard]] std::optional<std::string> objection(std::string_view instance, std::string_view module,
                                                       loop::time_point now) const;

private:
    struct entry {
        std::string instance;
        std::string module;
        loop::time_point when;
    };

    std::vector<entry> entries_;  // the oldest first
};

}  // namespace gateway::instance
