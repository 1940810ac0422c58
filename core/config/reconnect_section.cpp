#include "config/reconnect_section.hpp"

#include "config/section.hpp"

#include <limits>

namespace gateway::config {
namespace {

// Assigns one key's value to the policy when reconnect::problem() has nothing against it. It is asked about a policy in
// which only this key differs from the defaults, with the ladder wide open, so that its answer is about this key.
template <class Field, class Value>
void assign(section& from, std::string_view key, const std::optional<Value>& value, Field reconnect::policy::* field,
            reconnect::policy& to) {
    if (!value) {
        return;
    }
    reconnect::policy alone;
    alone.initial = reconnect::duration{1};
    alone.max = reconnect::longest_setting;
    alone.*field = static_cast<Field>(*value);
    if (auto problem = reconnect::problem(alone)) {
        const std::string subject = "reconnect." + std::string{key} + " ";
        from.complain(*from.take(key), problem->starts_with(subject) ? problem->substr(subject.size()) : *problem);
        return;
    }
    to.*field = static_cast<Field>(*value);
}

}  // namespace

reconnect::policy read_reconnect(const node::table& table, std::string path, const reconnect::policy& base,
                                 complaints& problems) {
    using reconnect::policy;
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    section from{table, std::move(path), problems};
    policy to = base;
    assign(from, "initial", from.duration("initial"), &policy::initial, to);
    assign(from, "factor", from.number("factor"), &policy::factor, to);
    assign(from, "max", from.duration("max"), &policy::max, to);
    assign(from, "jitter", from.number("jitter"), &policy::jitter, to);
    assign(from, "max_attempts", from.whole("max_attempts", 0, most), &policy::max_attempts, to);
    assign(from, "probe", from.duration("probe"), &policy::probe, to);
    assign(from, "quick", from.durations("quick", reconnect::max_quick_retries), &policy::quick, to);
    assign(from, "quick_budget", from.whole("quick_budget", 0, reconnect::max_quick_budget), &policy::quick_budget, to);
    assign(from, "stable_after", from.duration("stable_after"), &policy::stable_after, to);
    assign(from, "connect_timeout", from.duration("connect_timeout"), &policy::connect_timeout, to);
    assign(from, "close_timeout", from.duration("close_timeout"), &policy::close_timeout, to);

    if (to.max < to.initial) {
        const member* max = from.take("max");
        const member* at = max != nullptr ? max : from.take("initial");
        if (at != nullptr) {
            from.complain(
                *at,
                "makes the longest delay (max) shorter than the first one (initial); max must be at least initial");
        }
        to.initial = base.initial;
        to.max = base.max;
    }
    from.finish();
    return to;
}

}  // namespace gateway::config
