#include "instance/change_log.hpp"

#include "config/duration.hpp"
#include "log/log.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gateway::instance {

void log_change(const reconnect::action& what, const member& of, const reconnect::scheduler& machine) {
    if (what.to == reconnect::state::online) {
        log::info("online", {{"instance", of.name}, {"account", of.account.name}});
        return;
    }
    const auto status = what.reports_failure ? machine.status_of(what.slot) : std::nullopt;
    if (!status || !status->why) {
        log::debug(reconnect::to_string(what.to), {{"instance", of.name}, {"from", reconnect::to_string(what.from)}});
        return;
    }
    std::vector<log::field> fields{{"instance", of.name},
                                   {"class", reconnect::to_string(status->why->cls)},
                                   {"code", status->why->code},
                                   {"reason", status->why->text},
                                   {"attempts", what.attempts}};
    if (what.retry_in != reconnect::action::no_retry) {
        fields.push_back({"retry_in_ms", what.retry_in});
    }
    const auto severity = what.to == reconnect::state::failed ? log::level::error : log::level::warning;
    if (log::enabled(severity)) {
        log::write(severity, reconnect::to_string(what.to), fields);
    }
}

void log_give_up(const reconnect::action& what, const member& of, reconnect::duration probe) {
    const bool is_probed = what.retry_in != reconnect::action::no_retry;
    log::error("the instance gave up reconnecting; " +
                   (is_probed ? "it is probed every " + config::to_text(probe)
                              : std::string{"it is not tried again (reconnect.probe is 0s)"}) +
                   ", and revived by gatewayctl reconnect, a changed table or a new module",
               {{"instance", of.name}, {"attempts", what.attempts}});
}

}  // namespace gateway::instance
