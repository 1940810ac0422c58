// What the SQLite journal costs by itself: events committed, a start with an empty and with a full outbox.
#include "store/database.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <vector>

namespace {

using namespace gateway;

class scratch {
public:
    scratch() {
        auto name = (std::filesystem::temp_directory_path() / "gateway-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary directory");
        }
        path_ = name;
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    [[nodiscard]] store::settings settings(store::durability sync) const {
        store::settings made;
        made.file = path_ / "gateway.db";
        made.sync = sync;
        return made;
    }

private:
    std::filesystem::path path_;
};

message::event event_number(std::uint64_t number) {
    message::event made;
    made.kind = GW_EVENT_MESSAGE;
    made.dedupe_id = std::to_string(number);
    made.message.id = std::to_string(number);
    made.message.chat = "-100" + std::to_string(number % 100);
    made.message.text = "a message of the usual length, a line or so of text";
    made.message.sender = message::sender{0, "123456789", "Ann"};
    made.message.time_ms = 1'700'000'000'000;
    return made;
}

// Arguments: events in a batch, batches in flight at a time, 1: synchronous=FULL, accounts they come from in turn.
void journal_events(benchmark::State& state) {
    const scratch directory;
    boost::asio::io_context loop;
    const auto per_batch = static_cast<std::uint64_t>(state.range(0));
    auto db = *store::database::open(
        loop, directory.settings(state.range(2) == 1 ? store::durability::full : store::durability::normal));
    std::vector<store::instance_id> accounts;
    for (std::int64_t i = 0; i < state.range(3); ++i) {
        accounts.push_back(db->instance("account" + std::to_string(i)));
    }
    std::size_t batch = 0;
    std::uint64_t number = 0;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(1); ++i) {
            auto job = std::make_unique<store::commit_job>();
            job->from = accounts[batch++ % accounts.size()];
            for (std::uint64_t k = 0; k < per_batch; ++k) {
                job->events.push_back(event_number(number++));
            }
            job->writes.push_back({"offset", std::to_string(number)});
            db->run(std::move(job), [](store::commit_job& done) {
                if (done.status != GW_OK) {
                    throw std::runtime_error("commit failed");
                }
            });
        }
        loop.restart();
        loop.run();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(number));
}

void open_existing(benchmark::State& state) {
    const scratch directory;
    boost::asio::io_context loop;
    const auto settings = directory.settings(store::durability::full);
    {
        auto db = *store::database::open(loop, settings);
        auto job = std::make_unique<store::commit_job>();
        job->from = db->instance("tg");
        job->writes.push_back({"offset", "1"});
        db->run(std::move(job), [](store::commit_job&) {});
    }
    for (auto _ : state) {
        auto db = *store::database::open(loop, settings);
        state.PauseTiming();
        db.reset();
        state.ResumeTiming();
    }
}

store::outgoing delivery_number(store::instance_id whom, std::uint64_t id) {
    store::outgoing made;
    made.to = whom;
    made.what.id = id;
    made.what.message = event_number(id).message;
    made.what.message.chat = "tg:-100" + std::to_string(id % 1000);
    return made;
}

// A full outbox, 100,000 deliveries in 1,000 chats, found at a start.
void load_waiting(benchmark::State& state) {
    const scratch directory;
    boost::asio::io_context loop;
    auto db = *store::database::open(loop, directory.settings(store::durability::normal));
    const auto whom = db->instance("echo");
    for (int batch = 0; batch < 100; ++batch) {
        auto job = std::make_unique<store::commit_job>();
        job->from = db->instance("tg");
        job->events.push_back(event_number(static_cast<std::uint64_t>(batch)));
        for (int i = 0; i < 1000; ++i) {
            job->deliveries.push_back(delivery_number(whom, db->new_delivery_id()));
        }
        db->run(std::move(job), [](store::commit_job&) {});
    }
    loop.run();
    for (auto _ : state) {
        auto job = std::make_unique<store::load_job>();
        job->to = whom;
        db->run(std::move(job), [](store::load_job& done) {
            if (done.lanes.size() != 1000) {
                throw std::runtime_error("not all were found");
            }
        });
        loop.restart();
        loop.run();
    }
}

BENCHMARK(journal_events)
    ->ArgNames({"events", "batches", "full", "accounts"})
    ->Args({1, 1, 1, 1})
    ->Args({10, 16, 1, 1})
    ->Args({100, 16, 1, 1})
    ->Args({1000, 16, 1, 1})
    ->Args({100, 16, 0, 1})
    ->Args({10, 1000, 1, 10'000})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(open_existing)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(load_waiting)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
