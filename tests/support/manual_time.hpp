// A time source for tests: time passes when the test says so.
#pragma once

#include "loop/time_source.hpp"

#include <chrono>
#include <list>
#include <utility>

namespace gateway::test {

class manual_time final : public loop::time_source {
public:
    [[nodiscard]] loop::time_point now() const override { return now_; }
    [[nodiscard]] std::int64_t unix_ms() const override {
        return unix_start_ms + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - loop::time_point{}).count();
    }
    [[nodiscard]] std::unique_ptr<loop::alarm> make_alarm(std::function<void()> ring) override {
        return std::make_unique<manual_alarm>(*this, std::move(ring));
    }

    // The next alarm; none: nothing would ever happen.
    [[nodiscard]] std::optional<loop::time_point> next() const {
        std::optional<loop::time_point> first;
        for (const auto* each : alarms_) {
            if (each->when && (!first || *each->when < *first)) {
                first = each->when;
            }
        }
        return first;
    }

    // Lets time pass, and the alarms ring on their way. `settle` is called after each.
    void pass(std::chrono::milliseconds time, const std::function<void()>& settle) {
        const auto end = now_ + time;
        settle();
        for (auto when = next(); when && *when <= end; when = next()) {
            now_ = std::max(now_, *when);
            for (auto* each : std::list<manual_alarm*>(alarms_)) {
                if (each->when && *each->when <= now_) {
                    each->when.reset();
                    each->ring();
                    settle();
                }
            }
        }
        now_ = end;
    }

    static constexpr std::int64_t unix_start_ms = 1'700'000'000'000;

private:
    struct manual_alarm final : loop::alarm {
        manual_alarm(manual_time& of, std::function<void()> ringing) : owner(of), ring(std::move(ringing)) {
            owner.alarms_.push_back(this);
        }
        ~manual_alarm() override { owner.alarms_.remove(this); }
        void set(std::optional<loop::time_point> at) override { when = at; }

        manual_time& owner;
        std::function<void()> ring;
        std::optional<loop::time_point> when;
    };

    loop::time_point now_ = loop::time_point{} + std::chrono::hours{1};
    std::list<manual_alarm*> alarms_;
};

}  // namespace gateway::test
