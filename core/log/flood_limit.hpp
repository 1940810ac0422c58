// Bounds the lines that one instance may write: a module that floods costs a line per second, not a full disk.
//
// Pure: the time is passed in. One object per instance, one thread. Time is cut into windows of one second; the first
// `lines_per_second` lines of a window pass and the rest are counted. The count is handed out with the first line of a
// later window, or by `take_suppressed` when the instance goes away.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace gateway::log {

class flood_limit {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct verdict {
        bool pass = false;
        std::uint64_t suppressed = 0;  // lines dropped before this one and not yet reported: write that first
    };

    explicit flood_limit(std::uint32_t lines_per_second = 50) : lines_per_second_{lines_per_second} {}

    verdict admit(time_point now) {
        verdict result;
        if (now < window_start_ || now - window_start_ >= std::chrono::seconds{1} || !started_) {
            started_ = true;
            window_start_ = now;
            passed_ = 0;
            result.suppressed = take_suppressed();
        }
        if (passed_ < lines_per_second_) {
            ++passed_;
            result.pass = true;
        } else {
            ++suppressed_;
        }
        return result;
    }

    std::uint64_t take_suppressed() { return std::exchange(suppressed_, 0); }

private:
    std::uint32_t lines_per_second_;
    std::uint32_t passed_ = 0;
    std::uint64_t suppressed_ = 0;
    time_point window_start_{};
    bool started_ = false;
};

}  // namespace gateway::log
