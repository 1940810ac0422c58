#include "instance/hang_log.hpp"

namespace gateway::instance {

void hang_log::add(std::string_view instance, std::string_view module, loop::time_point now) {
    std::erase_if(entries_, [now](const auto& each) { return now - each.when >= window; });
    entries_.push_back({std::string(instance), std::string(module), now});
}

std::optional<std::string> hang_log::objection(std::string_view instance, std::string_view module,
                                               loop::time_point now) const {
    unsigned of_instance = 0;
    unsigned of_module = 0;
    for (const auto& each : entries_) {
        if (now - each.when < window && each.module == module) {
            ++of_module;
            of_instance += each.instance == instance ? 1 : 0;
        }
    }
    if (of_instance >= per_instance) {
        return "the instance hung " + std::to_string(of_instance) +
               " times within the last hour, and each time costs " +
               "the host a thread; it is tried again when that is over";
    }
    if (of_module >= per_module) {
        return "module " + std::string(module) + " hung " + std::to_string(of_module) +
               " times within the last hour, and each time costs the host a thread; it is tried again when that is "
               "over";
    }
    return std::nullopt;
}

}  // namespace gateway::instance
