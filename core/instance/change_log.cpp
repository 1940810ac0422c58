#include "instance/change_log.hpp"

#include "config/duration.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace gateway::instance {

void log_change(const reconnect::action& what, const member& of, const std::optional<reconnect::status>& status,
                reconnect::time_point now) {
    if (what.to == reconnect::state::online) {
        log::info("online", {{"instance", of.name}, {"account", of.account.name}});
        return;
    }
    // A failure is news when this incarnation has just reported it, not when it is an older one's or its instance is
    // revived.
    const bool is_news = (what.from == reconnect::state::closing || what.from == reconnect::state::connecting) &&
                         status && status->why && status->why->from == what.incarnation;
    if (!is_news || what.to == reconnect::state::closing) {
        log::debug(reconnect::to_string(what.to), {{"instance", of.name}, {"from", reconnect::to_string(what.from)}});
        return;
    }
    std::vector<log::field> fields{{"instance", of.name},
                                   {"class", reconnect::to_string(status->why->cls)},
                                   {"code", status->why->code},
                                   {"reason", status->why->text},
                                   {"attempts", status->attempts}};
    if (status->next_retry) {
        const auto wait = *status->next_retry - now;
        fields.push_back({"retry_in_ms", std::max(std::chrono::milliseconds{0},
                                                  std::chrono::duration_cast<std::chrono::milliseconds>(wait))});
    }
    const auto severity = what.to == reconnect::state::failed ? log::level::error : log::level::warning;
    if (log::enabled(severity)) {
        log::write(severity, reconnect::to_string(what.to), fields);
    }
}

void log_give_up(const member& of, std::uint32_t attempts, reconnect::duration probe) {
    log::error(
        "the instance gave up reconnecting; " +
            (probe > reconnect::duration::zero() ? "it is probed every " + config::to_text(probe)
                                                 : std::string{"it is not tried again (reconnect.probe is 0s)"}) +
            ", and revived by gatewayctl reconnect, a changed table or a new module",
        {{"instance", of.name}, {"attempts", attempts}});
}

}  // namespace gateway::instance
