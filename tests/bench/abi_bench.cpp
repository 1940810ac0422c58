// What a message costs on its way through the host: submitted by an instance over the C ABI, routed, kept by a journal,
// delivered to another instance over the C ABI, receipted, and the source told that its batch is safe.
//
//     source ──submit──▶ host: check, copy, route ──▶ journal ──▶ lanes ──▶ call queue ──deliver──▶ sink
//     source ◀─commit──                               journal ◀──────────────────────── receipt ──── sink
//
// Both instances are function tables in this program; everything between them is the host's own code, driven by its own
// loop on one thread. Journals: none (no_journal), and SQLite in a file in the working directory. A text has 64 bytes,
// a message all the fields a platform fills in.
#include "instance/instance_host.hpp"
#include "loop/asio_time_source.hpp"
#include "loop/call_guard.hpp"
#include "loop/runner.hpp"
#include "net/http_client.hpp"
#include "net/websocket_client.hpp"
#include "route/message_plane.hpp"
#include "store/database.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace gateway;
using instance::key;

constexpr std::uint32_t source_slot = 0;
constexpr std::uint32_t sink_slot = 1;
constexpr unsigned batches_at_once = 16;          // the host's bound for an instance
constexpr std::uint64_t max_undelivered = 2'048;  // a backlog, but no full queue

gw_str str(std::string_view text) {
    return {text.data(), text.size()};
}

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_abi: %s\n", what);
    std::exit(1);
}

// Answers at once and keeps nothing but what a delivery says, while that waits for the one before it.
class no_journal final : public store::journal {
public:
    explicit no_journal(boost::asio::io_context& loop) : loop_(loop), waiting_(max_undelivered) {}

    store::instance_id instance(std::string_view) override { return ++last_instance_; }
    std::uint64_t new_delivery_id() override { return ++last_delivery_; }

    void run(std::unique_ptr<store::commit_job> job, store::handler<store::commit_job> done) override {
        job->duplicates.assign(job->events.size(), false);
        for (auto& made : job->deliveries) {
            if (!made.handed) {
                waiting_[made.what.id % max_undelivered] = std::make_unique<message::delivery>(made.what);
            }
        }
        answer(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::mark_job> job, store::handler<store::mark_job> done) override {
        for (const auto& each : job->marks) {
            job->contents.push_back(std::move(waiting_[each.id % max_undelivered]));
        }
        answer(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::record_job> job, store::handler<store::record_job> done) override {
        answer(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::load_job> job, store::handler<store::load_job> done) override {
        answer(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::kv_job> job, store::handler<store::kv_job> done) override {
        answer(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::prune_job> job, store::handler<store::prune_job> done) override {
        answer(std::move(job), std::move(done));
    }

private:
    template <class Job>
    void answer(std::unique_ptr<Job> job, store::handler<Job> done) {
        boost::asio::post(loop_, [job = std::move(job), done = std::move(done)] { done(*job); });
    }

    boost::asio::io_context& loop_;
    store::instance_id last_instance_ = 0;
    std::uint64_t last_delivery_ = 0;
    std::vector<std::unique_ptr<message::delivery>> waiting_;  // by id, modulo
};

// ---------------------------------------------------------------------------------------------------- the instances

// What the source says and what came of it. One in the process, as adapters have no other context in `create`.
struct traffic {
    const gw_host* host = nullptr;
    gw_token source{};
    std::uint32_t events_per_batch = 1;
    std::uint64_t batches_to_submit = 0;
    std::uint64_t submitted = 0;
    std::uint64_t committed = 0;
    std::uint64_t delivered = 0;
    bool is_routed = true;
    bool is_waiting = false;  // for deliveries to be done
    std::vector<std::string> chats;
    std::vector<gw_message> messages;
    std::vector<gw_event> events;
    gw_sender sender{sizeof(gw_sender), 0, str("123456789"), str("Ann Example")};

    void prepare(std::uint32_t events_in_batch, std::uint32_t chat_count) {
        events_per_batch = events_in_batch;
        chats.clear();
        for (std::uint32_t i = 0; i < chat_count; ++i) {
            chats.push_back(std::to_string(-1'001'234'567'000 - std::int64_t{i}));
        }
        const auto count = std::max(events_in_batch, chat_count);
        messages.resize(count);
        events.resize(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            auto& said = messages[i];
            said = {};
            said.struct_size = sizeof(gw_message);
            said.id = str("4567");
            said.chat = str(chats[i % chat_count]);
            said.text = str("The quick brown fox jumps over the lazy dog, and then once more.");
            said.sender = &sender;
            said.time_ms = 1'700'000'000'000;
            events[i] = {};
            events[i].struct_size = sizeof(gw_event);
            events[i].kind = GW_EVENT_MESSAGE;
            events[i].message = &said;
        }
    }

    [[nodiscard]] bool has_room() const {
        return !is_routed || (submitted + 1) * events_per_batch <= delivered + max_undelivered;
    }

    void submit_next() {
        while (submitted < batches_to_submit && submitted - committed < batches_at_once && has_room()) {
            const auto* first = &events[submitted * events_per_batch % events.size()];
            const gw_batch batch{
                sizeof(gw_batch), 0, submitted + 1, {first, events_per_batch, sizeof(gw_event)}, {nullptr, 0, 0}};
            if (host->submit(source, &batch) != GW_OK) {
                fail("a batch was refused");
            }
            ++submitted;
        }
        is_waiting = submitted < batches_to_submit && !has_room();
    }
};

traffic flow;

struct source {
    static gw_status create(const gw_host* host, gw_token self, const gw_config*, void** ret_self) {
        flow.host = host;
        flow.source = self;
        *ret_self = &flow;
        return GW_OK;
    }
    static void connect(void*) { flow.host->connected(flow.source, nullptr); }
    static void deliver(void*, const gw_delivery*) {}
    static void on_completion(void*, const gw_completion* completion) {
        if (completion->kind == GW_COMPLETION_COMMIT) {
            if (completion->status != GW_OK) {
                fail("a batch was not committed");
            }
            ++flow.committed;
        }
        flow.submit_next();
    }
};

struct sink {
    const gw_host* host = nullptr;
    gw_token self{};

    static gw_status create(const gw_host* host, gw_token self, const gw_config*, void** ret_self) {
        static sink only;
        only = {host, self};
        *ret_self = &only;
        return GW_OK;
    }
    static void connect(void* self) {
        const auto& me = *static_cast<sink*>(self);
        me.host->connected(me.self, nullptr);
    }
    static void deliver(void* self, const gw_delivery* delivery) {
        const auto& me = *static_cast<sink*>(self);
        gw_receipt receipt{};
        receipt.struct_size = sizeof(receipt);
        receipt.outcome = GW_OUTCOME_SENT;
        receipt.delivery = delivery->id;
        const gw_str sent = str("8901");
        receipt.message_ids = {&sent, 1, sizeof sent};
        if (me.host->receipt(me.self, &receipt) != GW_OK) {
            fail("a receipt was refused");
        }
        ++flow.delivered;
        if (flow.is_waiting && flow.has_room()) {
            flow.is_waiting = false;
            (void)me.host->wake(flow.source);
        }
    }
    static void on_completion(void*, const gw_completion*) {}
};

template <typename Adapter>
constexpr gw_adapter table_of() {
    return {sizeof(gw_adapter),     GW_ABI_MAJOR,
            GW_ABI_MINOR,           0,
            {nullptr, 0},           Adapter::create,
            Adapter::connect,       Adapter::deliver,
            Adapter::on_completion, [](void*, std::int32_t) {},
            [](void*) {},           nullptr};
}

constexpr gw_adapter source_table = table_of<source>();
constexpr gw_adapter sink_table = table_of<sink>();

// --------------------------------------------------------------------------------------------------------- the host

struct late_port final : route::delivery_port {
    route::delivery_port* to = nullptr;
    bool deliver(std::uint32_t slot, std::uint64_t id) override { return to->deliver(slot, id); }
};

// The host between two instances, without modules, configuration and scheduler.
class bench_host final : instance::listener {
public:
    bench_host(boost::asio::io_context& loop, store::journal& journal, std::string from)
        : loop_(loop),
          time_(loop),
          http_(loop, {}),
          websockets_(loop, {}),
          plane_(time_, journal, port_),
          instances_({loop, time_, guard_, http_, websockets_, plane_}, *this) {
        loop::become_loop_thread();
        port_.to = &instances_;
        if (plane_.set_routes({{{std::move(from)}, "agent", {}}}).has_error()) {
            fail("the route is wrong");
        }
        add(source_slot, "tg", source_table);
        add(sink_slot, "agent", sink_table);
        run_until([this] { return connected_ == 2; });
    }

    template <typename Condition>
    void run_until(Condition reached) {
        while (!reached()) {
            loop_.run_one();
        }
    }

    // Lets the source say `batches` more batches and waits until each is acknowledged and `deliveries` are receipted.
    void pass(std::uint64_t batches, std::uint64_t deliveries) {
        flow.batches_to_submit = flow.submitted + batches;
        const auto delivered = flow.delivered + deliveries;
        (void)flow.host->wake(flow.source);
        run_until([&] { return flow.committed == flow.batches_to_submit && flow.delivered == delivered; });
    }

private:
    void add(std::uint32_t slot, const char* name, const gw_adapter& table) {
        auto manifest = std::make_shared<module::manifest>();
        manifest->name = name;
        modules_.push_back(std::make_unique<module::loaded_module>());
        modules_.back()->description = std::move(manifest);
        modules_.back()->adapter = &table;
        plane_.add_instance(slot, name);
        auto spec = std::make_shared<instance::instance_spec>();
        spec->name = name;
        spec->json = "{}";
        instances_.create({reconnect::slot_id{slot}, reconnect::incarnation_id{1}}, *modules_.back(), std::move(spec));
    }

    void on_create_failed(key, const reconnect::failure&) override { fail("an instance could not be created"); }
    void on_connected(key from, const instance::identity&) override {
        plane_.online(static_cast<std::uint32_t>(from.slot));
        ++connected_;
    }
    void on_lost(key, const reconnect::failure& why) override { fail(why.text.c_str()); }
    void on_closed(key) override {}

    boost::asio::io_context& loop_;
    loop::asio_time_source time_;
    loop::call_guard guard_;
    net::http_client http_;
    net::websocket_client websockets_;
    late_port port_;
    route::message_plane plane_;
    instance::instance_host instances_;
    std::vector<std::unique_ptr<module::loaded_module>> modules_;
    unsigned connected_ = 0;
};

void report(benchmark::State& state, std::uint64_t events) {
    state.SetItemsProcessed(static_cast<std::int64_t>(events));
    state.counters["per_event"] =
        benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

enum class way : std::uint8_t { in, in_and_out };

void pass_batches(benchmark::State& state, boost::asio::io_context& loop, store::journal& journal, way how) {
    const auto events = static_cast<std::uint32_t>(state.range(0));
    const auto chats = static_cast<std::uint32_t>(state.range(1));
    const auto batches = static_cast<std::uint64_t>(state.range(2));
    flow = {};
    flow.prepare(events, chats);
    flow.is_routed = how == way::in_and_out;
    bench_host host(loop, journal, how == way::in_and_out ? "tg:*" : "tg:nobody");
    const auto deliveries = [&](std::uint64_t of) { return how == way::in_and_out ? of * events : 0; };
    host.pass(batches_at_once, deliveries(batches_at_once));  // memory is as large as it will be
    std::uint64_t passed = 0;
    for (auto _ : state) {
        host.pass(batches, deliveries(batches));
        passed += batches * events;
    }
    report(state, passed);
}

// In: submit, check, route (to nobody), commit, acknowledge. In and out: also deliver and receipt.
void abi_without_journal(benchmark::State& state, way how) {
    boost::asio::io_context loop;
    const auto stays = boost::asio::make_work_guard(loop);
    no_journal journal(loop);
    pass_batches(state, loop, journal, how);
}

void shapes(benchmark::internal::Benchmark* of) {
    of->ArgNames({"events", "chats", "batches"});
    of->Args({1, 1, 1})->Args({1, 50, 1000})->Args({100, 50, 100});
}
BENCHMARK_CAPTURE(abi_without_journal, in, way::in)->Apply(shapes);
BENCHMARK_CAPTURE(abi_without_journal, in_and_out, way::in_and_out)->Apply(shapes);

void abi_with_sqlite(benchmark::State& state, way how, store::durability sync) {
    const auto directory = std::filesystem::absolute("bench_abi." + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    {
        boost::asio::io_context loop;
        const auto stays = boost::asio::make_work_guard(loop);
        store::settings settings;
        settings.file = directory / "gateway.db";
        settings.sync = sync;
        auto journal = store::database::open(loop, std::move(settings));
        if (journal.has_error()) {
            fail(journal.error().c_str());
        }
        pass_batches(state, loop, **journal, how);
        (*journal)->close();
    }
    std::filesystem::remove_all(directory);
}

void long_shape(benchmark::internal::Benchmark* of) {
    of->ArgNames({"events", "chats", "batches"})->Args({100, 1, 100})->Args({100, 100, 1000});
    of->UseRealTime()->MeasureProcessCPUTime()->Iterations(1)->Repetitions(5)->ReportAggregatesOnly();
}
BENCHMARK_CAPTURE(abi_with_sqlite, in_full_sync, way::in, store::durability::full)->Apply(long_shape);
BENCHMARK_CAPTURE(abi_with_sqlite, in_normal_sync, way::in, store::durability::normal)->Apply(long_shape);
BENCHMARK_CAPTURE(abi_with_sqlite, in_and_out_full_sync, way::in_and_out, store::durability::full)->Apply(long_shape);
BENCHMARK_CAPTURE(abi_with_sqlite, in_and_out_normal_sync, way::in_and_out, store::durability::normal)
    ->Apply(long_shape);

}  // namespace

BENCHMARK_MAIN();
