// A child commits and says so; it is killed at random moments; whatever it said is there.
#include "store_fixture.hpp"

#include <doctest/doctest.h>

#include <array>
#include <poll.h>
#include <random>
#include <set>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gateway;
using namespace gateway::test;

namespace {

constexpr int events_per_batch = 7;

// Commits batch after batch, the cursor with the events and their deliveries, and writes each acknowledged number into
// the pipe. Never returns.
[[noreturn]] void commit_for_ever(const std::filesystem::path& file, int acknowledgements) {
    boost::asio::io_context loop;
    store::settings options;
    options.file = file;
    auto opened = store::database::open(loop, options);
    if (opened.has_error()) {
        ::_exit(3);
    }
    auto& db = **opened;
    const auto tg = db.instance("tg");
    const auto echo = db.instance("echo");
    std::uint64_t number = 0;
    std::function<void()> next = [&] {
        const auto id = number++;
        auto job = commit_of(tg, {}, {}, {{"cursor", std::to_string(id)}});
        for (int i = 0; i < events_per_batch; ++i) {
            const auto name = std::to_string(id) + "." + std::to_string(i);
            job.events.push_back(said("1", name, name));
            job.deliveries.push_back(
                to(echo, db.new_delivery_id(), std::to_string(i), name, static_cast<std::uint32_t>(i)));
        }
        db.run(std::make_unique<store::commit_job>(std::move(job)), [&, id](store::commit_job& done) {
            if (done.status != GW_OK || ::write(acknowledgements, &id, sizeof id) != sizeof id) {
                ::_exit(4);
            }
            next();
        });
    };
    store::kv_job resume = key_of(tg, "cursor");
    db.run(std::make_unique<store::kv_job>(std::move(resume)), [&](store::kv_job& read) {
        number = read.status == GW_OK ? std::stoull(read.value) + 1 : 0;
        for (int i = 0; i < 5; ++i) {  // several at once, so that groups form
            next();
        }
    });
    loop.run();
    ::_exit(5);
}

}  // namespace

TEST_CASE("store: killed at any moment, it keeps what it acknowledged, events with their cursor, each once") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    temporary_directory directory;
    const auto file = directory.path() / "gateway.db";
    std::uint64_t acknowledged = 0;
    bool any = false;
    for (int life = 0; life < 12; ++life) {
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(pipe[0]);
            commit_for_ever(file, pipe[1]);
        }
        ::close(pipe[1]);
        // Killed after so many acknowledgements, and then at whatever point it has come to.
        for (auto left = 1 + random() % 40; left > 0; --left) {
            std::uint64_t id = 0;
            if (::read(pipe[0], &id, sizeof id) != sizeof id) {
                break;
            }
            acknowledged = id;
            any = true;
        }
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK_MESSAGE(WIFSIGNALED(status), WEXITSTATUS(status));
        for (std::uint64_t id = 0; ::read(pipe[0], &id, sizeof id) == sizeof id;) {
            acknowledged = id;
        }
        ::close(pipe[0]);

        store_world world(file);
        const auto cursor = world.run(key_of(world.db->instance("tg"), "cursor"));
        if (!any) {
            continue;
        }
        REQUIRE(cursor.status == GW_OK);
        const auto last = std::stoull(cursor.value);
        CHECK(last >= acknowledged);
        const auto loaded = world.run(load_of(world.db->instance("echo")));
        REQUIRE(loaded.lanes.size() == events_per_batch);
        std::set<std::uint64_t> ids;
        for (const auto& lane : loaded.lanes) {
            CHECK(lane.deliveries.size() == last + 1);
            for (const auto& each : lane.deliveries) {
                CHECK(ids.insert(each.id).second);
            }
        }
        CHECK(world.db->new_delivery_id() > *ids.rbegin());
        // Every event up to the cursor is known, the next one is not.
        const auto tg = world.db->instance("tg");
        auto again = commit_of(tg, {});
        for (const auto batch : {std::uint64_t{0}, acknowledged, std::uint64_t{last}}) {
            for (int i = 0; i < events_per_batch; ++i) {
                again.events.push_back(said("1", "x", std::to_string(batch) + "." + std::to_string(i)));
            }
        }
        for (const bool is_known : world.run(std::move(again)).duplicates) {
            CHECK(is_known);
        }
    }
    CHECK(any);
}
