#include "instance/fleet_health.hpp"

namespace gateway::instance {

std::string_view to_string(well_being how) {
    switch (how) {
        case well_being::ok:
            return "ok";
        case well_being::degraded:
            return "degraded";
        case well_being::failing:
            break;
    }
    return "failing";
}

well_being fleet_health::overall() const {
    if (troubled == 0) {
        return journal_trouble.empty() && mended == 0 ? well_being::ok : well_being::degraded;
    }
    return count(reconnect::state::online) == 0 ? well_being::failing : well_being::degraded;
}

std::string fleet_health::sentence() const {
    std::size_t all = 0;
    std::string others;
    for (std::size_t i = 0; i < in_state.size(); ++i) {
        const auto state = static_cast<reconnect::state>(i);
        all += in_state[i];
        if (in_state[i] != 0 && state != reconnect::state::online) {
            others.append(", ").append(std::to_string(in_state[i])).append(" ").append(reconnect::to_string(state));
        }
    }
    return std::string{to_string(overall())}
        .append(": ")
        .append(std::to_string(count(reconnect::state::online)))
        .append(" of ")
        .append(std::to_string(all))
        .append(" online")
        .append(others)
        .append(mended == 0 ? "" : "; the scheduler lost track of an instance, a bug of the host (see its log)")
        .append(journal_trouble.empty() ? "" : "; the journal cannot be written: ")
        .append(journal_trouble);
}

}  // namespace gateway::instance
