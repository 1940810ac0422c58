#include "module/probe_plan.hpp"

#include <cassert>

namespace gateway::module {

void probe_plan::want(std::string_view name, urgency how) {
    const auto [found, is_new] = modules_.try_emplace(std::string(name));
    if (found->second.probed || (!is_new && how == urgency::ahead)) {
        return;
    }
    std::erase(queue_, name);
    if (how == urgency::needed) {
        queue_.emplace_front(name);
    } else {
        queue_.emplace_back(name);
    }
}

std::optional<std::string> probe_plan::next() {
    if (running_ >= max_probes_at_once || queue_.empty()) {
        return {};
    }
    auto name = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    auto& started = modules_.find(name)->second;
    started.probed = true;
    ++started.tries;
    return name;
}

bool probe_plan::ended(std::string_view name, bool doubtful) {
    const auto found = modules_.find(name);
    assert(found != modules_.end() && found->second.probed);
    --running_;
    if (!doubtful || found->second.tries >= max_tries_of_probe) {
        modules_.erase(found);
        return false;
    }
    found->second.probed = false;
    queue_.emplace_front(name);
    return true;
}

}  // namespace gateway::module
