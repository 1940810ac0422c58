// How the fleet is doing, as the control API, gatewayctl and the service manager show it. A plain value.
#pragma once

#include "reconnect/state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::instance {

enum class well_being : std::uint8_t { ok, degraded, failing };

[[nodiscard]] std::string_view to_string(well_being how);

// An instance is in trouble when a failure keeps it from being online: it waits for a retry, connects again, failed or
// gave up. One that connects for the first time, or that an operator paused, is not.
struct fleet_health {
    std::array<std::size_t, reconnect::state_count> in_state{};
    std::size_t troubled = 0;
    std::size_t mended = 0;       // times since the start that the scheduler had lost an instance: a bug of the host
    std::string journal_trouble;  // why nothing can be written; empty while all is well

    [[nodiscard]] std::size_t count(reconnect::state in) const { return in_state[static_cast<std::size_t>(in)]; }
    // Failing: some instances are in trouble, and none is online. A journal in trouble alone is degraded, and so is a
    // scheduler that had to be mended, until the host is started again: somebody has to hear of it.
    [[nodiscard]] well_being overall() const;
    // "degraded: 2 of 3 online, 1 gave_up"
    [[nodiscard]] std::string sentence() const;
};

}  // namespace gateway::instance
