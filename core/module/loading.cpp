#include "module/loading.hpp"

#include <utility>

namespace gateway::module {

loading::loading(catalogue& modules, prober& probes, end_function on_end)
    : modules_(modules), probes_(probes), on_end_(std::move(on_end)) {}

std::optional<loading::load_result> loading::want(std::string_view name, urgency how) {
    if (const auto* loaded = modules_.find(name)) {
        return loaded;
    }
    if (!plan_.contains(name)) {
        auto prepared = modules_.prepare(name);
        if (!prepared) {
            return prepared.error();
        }
        pending_.emplace(name, pending{std::move(*prepared)});
    }
    plan_.want(name, how);
    start_probes();
    return {};
}

std::optional<loading::load_result> loading::retry(std::string_view name) {
    if (modules_.find(name) == nullptr && !plan_.contains(name)) {
        modules_.judge_again(name);
    }
    return want(name, urgency::needed);
}

void loading::start_probes() {
    while (const auto name = plan_.next()) {
        probes_.start(pending_.find(*name)->second.what,
                      [this, name = *name](const probe_outcome& outcome) { on_probed(name, outcome); });
    }
}

void loading::on_probed(const std::string& name, const probe_outcome& outcome) {
    if (plan_.ended(name, is_doubtful(outcome))) {
        start_probes();
        return;
    }
    auto ended = std::move(pending_.extract(name).mapped());
    const auto source = ended.what.source;
    std::optional<load_result> result = modules_.finish(std::move(ended.what), objection_of(outcome, source));
    if (result->has_error() && result->error().code == refusal_code::changing && ended.restarts < max_restarts) {
        result = start_again(name, ended.restarts + 1);
    }
    start_probes();
    if (result) {
        on_end_(name, *result);
    }
}

std::optional<loading::load_result> loading::start_again(const std::string& name, unsigned restarts) {
    auto prepared = modules_.prepare(name);
    if (!prepared) {
        return prepared.error();
    }
    pending_.emplace(name, pending{std::move(*prepared), restarts});
    plan_.want(name, urgency::needed);
    return {};
}

}  // namespace gateway::module
