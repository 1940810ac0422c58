#pragma once
// The settings of [reconnect] and the delays that follow from them.
//
// Pure functions on values: no clock, and the randomness is handed in. Nothing here fails; problem() says,
// in one sentence, what is wrong with settings that came from outside, and everything else requires settings
// without a problem. Bounds are the constants below.

#include "reconnect/failure.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace gateway::reconnect {

using duration = std::chrono::milliseconds;
using time_point = std::chrono::steady_clock::time_point;
using random_source = std::mt19937_64;

inline constexpr std::size_t max_quick_retries = 16;    // entries of `quick`
inline constexpr std::uint32_t max_quick_budget = 256;  // quick retries per quick_window
inline constexpr duration quick_window = std::chrono::minutes{10};
inline constexpr duration longest_setting = std::chrono::days{30};

struct policy {
    duration initial = std::chrono::seconds{30};  // the ladder's first step …
    double factor = 2.0;                          // … what each next one is multiplied by …
    duration max = std::chrono::seconds{300};     // … and its last
    double jitter = 0.1;                          // each delay varies by at most this share of itself
    std::uint32_t max_attempts = 20;              // then it gives up; 0: never
    duration probe = std::chrono::hours{1};       // between two probes after giving up; 0: never
    std::vector<duration> quick{std::chrono::seconds{0}, std::chrono::seconds{1}, std::chrono::seconds{5}};
    std::uint32_t quick_budget = 10;                      // quick retries per quick_window
    duration stable_after = std::chrono::seconds{60};     // online for so long: attempts start afresh
    duration connect_timeout = std::chrono::seconds{30};  // until it must be online
    duration close_timeout = std::chrono::seconds{5};     // until it must be closed

    auto operator<=>(const policy&) const = default;
};

/// What is wrong with these settings and what would be right, or nothing. The sentence names the key.
std::optional<std::string> problem(const policy& p);

/// The wait on the ladder's rung n ≥ 1: min(initial · factor^(n−1), max), without jitter.
duration ladder_delay(const policy& p, std::uint32_t rung);

/// Spreads `delay` by ± p.jitter of itself. Zero stays zero; nothing becomes negative.
duration with_jitter(const policy& p, duration delay, random_source& random);

/// A server's retry-after is a floor: never shorter than it asked, at most max_retry_after.
duration with_floor(duration delay, const std::optional<duration>& retry_after);

/// The quick retries one instance took within the last quick_window, an exact sliding window.
class quick_log {
public:
    /// Takes one quick retry out of the budget, or says false when `budget` of them lie within the window.
    bool take(std::uint32_t budget, time_point now);
    void clear();

private:
    std::vector<time_point> times_;  // within the window, the oldest first; at most `budget`
};

}  // namespace gateway::reconnect
