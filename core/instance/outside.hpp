// What threads other than the loop's have left for it: wakes, and misuse to be logged.
//
// Any thread adds, the loop takes. Bounds: one wake of each incarnation, 64 reports of misuse; more are dropped.
#pragma once

#include <gateway/types.h>

#include <mutex>
#include <vector>

namespace gateway::instance {

class outside {
public:
    struct misuse {
        gw_token of;
        const char* what;
    };

    struct contents {
        std::vector<gw_token> wakes;
        std::vector<misuse> misuses;
    };

    // True: it is the first thing since `take`, and the loop must be told.
    [[nodiscard]] bool add_wake(gw_token of);
    [[nodiscard]] bool add_misuse(gw_token of, const char* what);
    contents take();

private:
    std::mutex mutex_;
    contents left_;
    bool told_ = false;
};

}  // namespace gateway::instance
