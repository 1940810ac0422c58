// A module is loaded in a child process first. What a probe finds out, and what follows from it; pure, but for the
// interface of whoever makes the probe.
//
// Errors are values: an outcome that speaks against the module becomes a refusal.
#pragma once

#include "module/catalogue.hpp"
#include "module/refusal.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

namespace gateway::module {

// A module that is mapped and checked is done in milliseconds; what a constructor may add to that is up to this.
inline constexpr std::chrono::seconds probe_deadline{5};

struct probe_outcome {
    enum class kind {
        loaded,      // its constructors returned, and what it exports is right
        refused,     // `refused` says why
        crashed,     // died of the signal `detail`
        exited,      // ended with the status `detail`
        hung,        // was killed at the deadline
        not_started  // there was no child; `detail` is errno
    };
    kind what{};
    int detail = 0;
    std::optional<refusal> refused{};
};

// The reason not to load the module of this file, if the outcome gives one.
[[nodiscard]] std::optional<refusal> objection_of(const probe_outcome& outcome, const std::filesystem::path& source);

// Whether the outcome may say more about the moment than about the module: threads of the host that held a lock at the
// fork, a machine short of memory or time.
[[nodiscard]] bool is_doubtful(const probe_outcome& outcome);

class prober {
public:
    using done_function = std::function<void(probe_outcome)>;

    prober() = default;
    prober(const prober&) = delete;
    prober& operator=(const prober&) = delete;
    virtual ~prober() = default;
    // `done` is called once, later and never from within; not at all once the prober is destroyed.
    virtual void start(const candidate& what, done_function done) = 0;
};

}  // namespace gateway::module
