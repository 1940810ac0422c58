#pragma once
// What the scheduler keeps per slot; private to scheduler*.cpp. The hot part stays within one cache line; what
// only people read, and the quick retries of those that were ever lost, lie behind a pointer that is filled
// with the first failure and then reused.

#include "reconnect/scheduler.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace gateway::reconnect {

inline constexpr time_point never = time_point::max();

struct scheduler::cold_part {
    std::string code;
    std::string text;
    quick_log quick;
    std::uint32_t incarnation = 0;  // the one that failed
    failure_class cls = failure_class::transient;
    bool has_failure = false;
};

struct scheduler::record {
    time_point since{};
    time_point next_at = never;     // the retry or probe to come; decided before the teardown begins
    const policy* rules = nullptr;  // interned
    std::unique_ptr<cold_part> cold;
    retry_state retry;
    std::uint32_t incarnation = 0;  // survives the slot's reuse
    state at = state::absent;
    state after = state::absent;  // closing only: where the teardown leads
    bool announce = false;        // entering gave_up is to be said loudly
    bool awaits = false;          // failed for want of a module; in awaiting_ while failed
    bool counted = false;         // in unmendable_ (failed) or unprobed_ (gave_up)

    cold_part& detail() {
        if (!cold) {
            cold = std::make_unique<cold_part>();
        }
        return *cold;
    }
};

}  // namespace gateway::reconnect
