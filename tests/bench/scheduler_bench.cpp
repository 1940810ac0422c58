// The reconnect scheduler with a million instances queued: the cost of one change, and memory per entry.

#include "reconnect/scheduler.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <malloc.h>
#include <memory>
#include <random>

namespace {

using namespace gateway::reconnect;
using namespace std::chrono_literals;

failure dns_failure(const char* text = "") {
    return {failure_class::transient, "dns", text, std::nullopt};
}

std::size_t heap_in_use_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// A fleet whose every instance has failed to start and waits for its retry, with jitter as in production.
struct queued_fleet {
    explicit queued_fleet(std::uint32_t count, const char* text = "") : machine{{.max_connecting = count}, actions, 1} {
        policy p;
        p.max_attempts = 0;
        actions.reserve(std::size_t{1} << 16);
        machine.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            machine.add(slot_id{i}, p, now);
            drive(text);
        }
    }

    /// Fails every create at once and closes every incarnation at once; says how many changes that took.
    std::uint64_t drive(const char* text = "") {
        std::uint64_t events = 0;
        for (std::size_t i = 0; i < actions.size(); ++i) {
            const action a = actions[i];
            if (a.kind == action_kind::create) {
                machine.lost(a.slot, a.incarnation, dns_failure(text), now);
                ++events;
            } else if (a.kind == action_kind::close) {
                machine.closed(a.slot, a.incarnation, now);
                ++events;
            }
        }
        actions.clear();
        return events;
    }

    time_point now{1h};
    action_list actions;
    scheduler machine;
};

// due → create → fails → close → closed → queued again: three changes per retry, time moving from one to the next.
void scheduler_retries(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    queued_fleet fleet{count};
    std::uint64_t changes = 0;
    for (auto _ : state) {
        fleet.now = *fleet.machine.next_deadline();
        fleet.machine.advance(fleet.now);
        changes += 1 + fleet.drive();
    }
    state.counters["per_change"] =
        benchmark::Counter(static_cast<double>(changes), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["queued"] = static_cast<double>(fleet.machine.count(gateway::reconnect::state::waiting));
}
BENCHMARK(scheduler_retries)->Arg(1'000)->Arg(1'000'000);

// A random one is brought forward by hand, fails and is queued anew: no locality whatever.
void scheduler_random_reschedules(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    queued_fleet fleet{count};
    std::minstd_rand random{1};
    std::uint64_t changes = 0;
    for (auto _ : state) {
        fleet.machine.reconnect(slot_id{static_cast<std::uint32_t>(random()) % count}, fleet.now);
        changes += 1 + fleet.drive();
        fleet.now += 20us;
    }
    state.counters["per_change"] =
        benchmark::Counter(static_cast<double>(changes), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(scheduler_random_reschedules)->Arg(1'000)->Arg(1'000'000);

// One deadline of the heap alone is moved to a random place.
void scheduler_heap_moves(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    deadline_queue queue;
    std::minstd_rand random{1};
    for (std::uint32_t i = 0; i < count; ++i) {
        queue.set(slot_id{i}, time_point{duration{random()}});
    }
    for (auto _ : state) {
        queue.set(slot_id{static_cast<std::uint32_t>(random()) % count}, time_point{duration{random()}});
    }
}
BENCHMARK(scheduler_heap_moves)->Arg(1'000)->Arg(1'000'000);

void scheduler_memory_per_entry(benchmark::State& state, const char* text) {
    constexpr std::uint32_t count = 1'000'000;
    for (auto _ : state) {
        const std::size_t before = heap_in_use_bytes();
        const auto fleet = std::make_unique<queued_fleet>(count, text);
        const std::size_t actions = fleet->actions.capacity() * sizeof(action);
        state.counters["bytes_per_entry"] =
            static_cast<double>(heap_in_use_bytes() - before - actions) / static_cast<double>(count);
    }
}
BENCHMARK_CAPTURE(scheduler_memory_per_entry, code_only, "")->Iterations(1);
BENCHMARK_CAPTURE(scheduler_memory_per_entry, with_text_of_40, "the name could not be resolved: SERVFAIL")
    ->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
