// Loads modules by way of a probe: copies and checks the file, has the copy loaded in a child process, and only then
// loads it here.
//
//   want ─▶ catalogue::prepare ─▶ probe_plan ─▶ prober ─▶ catalogue::finish ─▶ on_end(name, loaded or refused)
//              │ refused: said at once             ▲ doubtful │      │ the file changed meanwhile: prepare again
//              ▼                                   └──────────┘      ▼ (at most max_restarts times)
//
// Loop thread. Borrows the catalogue and the prober. Nothing throws but memory exhaustion.
#pragma once

#include "module/catalogue.hpp"
#include "module/probe.hpp"
#include "module/probe_plan.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::module {

class loading {
public:
    using load_result = catalogue::load_result;
    // Never called from within `want`.
    using end_function = std::function<void(const std::string& name, const load_result& result)>;

    static constexpr unsigned max_restarts = 3;

    loading(catalogue& modules, prober& probes, end_function on_end);

    // The module, or why it is refused; nothing: it is being probed, and on_end tells.
    [[nodiscard]] std::optional<load_result> want(std::string_view name, urgency how);
    // An operator asks: what was refused is judged again first.
    [[nodiscard]] std::optional<load_result> retry(std::string_view name);

private:
    struct pending {
        candidate what;
        unsigned restarts = 0;
    };

    void start_probes();
    void on_probed(const std::string& name, const probe_outcome& outcome);
    std::optional<load_result> start_again(const std::string& name, unsigned restarts);

    catalogue& modules_;
    prober& probes_;
    end_function on_end_;
    probe_plan plan_;
    std::map<std::string, pending, std::less<>> pending_;  // what the plan knows
};

}  // namespace gateway::module
