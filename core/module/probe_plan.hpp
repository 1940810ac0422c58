// Which module is probed when: those that an instance needs first, a few at a time, each at most twice. Pure.
//
//   want ─▶ queued ── next ──▶ probed ── ended ──▶ forgotten
//             ▲                   │ doubtful, for the first time
//             └───────────────────┘
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::module {

inline constexpr std::size_t max_probes_at_once = 4;
inline constexpr unsigned max_tries_of_probe = 2;

enum class urgency { ahead, needed };

class probe_plan {
public:
    // One that is known already is at most brought forward.
    void want(std::string_view name, urgency how);
    [[nodiscard]] bool contains(std::string_view name) const { return modules_.contains(name); }

    // The module whose probe starts now; none: too many run, or none waits.
    [[nodiscard]] std::optional<std::string> next();

    // The probe of `name` ended. True: it was doubtful and the module is queued again; false: it is forgotten.
    [[nodiscard]] bool ended(std::string_view name, bool doubtful);

private:
    struct known {
        bool probed = false;  // right now
        unsigned tries = 0;
    };

    std::map<std::string, known, std::less<>> modules_;
    std::deque<std::string> queue_;
    std::size_t running_ = 0;
};

}  // namespace gateway::module
