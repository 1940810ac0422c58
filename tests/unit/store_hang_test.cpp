// A disk that hangs instead of failing: every write to it waits at a gate until the test opens it.
#include "store/disk_watch.hpp"
#include "store_fixture.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

class gate {
public:
    void close() { set(false); }
    void open() { set(true); }
    void pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    // Until somebody comes after this many.
    void await_one_after(int before) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, 30s, [&] { return arrived_ > before; }));
    }
    [[nodiscard]] int arrived() {
        const std::scoped_lock lock(mutex_);
        return arrived_;
    }

private:
    void set(bool open) {
        const std::scoped_lock lock(mutex_);
        open_ = open;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    int arrived_ = 0;
    bool open_ = true;
};

gate the_gate;
sqlite3_vfs* real = nullptr;
int (*real_sync)(sqlite3_file*, int) = nullptr;
std::map<const sqlite3_io_methods*, sqlite3_io_methods> gated_methods;  // of each kind of file

int gated_sync(sqlite3_file* file, int flags) {
    the_gate.pass();
    return real_sync(file, flags);
}

int gated_open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
    const int status = real->xOpen(real, name, file, flags, flags_out);
    if (status == SQLITE_OK && file->pMethods != nullptr) {
        auto [gated, is_new] = gated_methods.try_emplace(file->pMethods, *file->pMethods);
        if (is_new) {
            real_sync = std::exchange(gated->second.xSync, gated_sync);
        }
        file->pMethods = &gated->second;
    }
    return status;
}

// The default file system of SQLite, with a gate before each sync, as long as this lives.
class gated_disk {
public:
    gated_disk() {
        real = sqlite3_vfs_find(nullptr);
        mine_ = *real;
        mine_.zName = "gated";
        mine_.xOpen = gated_open;
        REQUIRE(sqlite3_vfs_register(&mine_, 1) == SQLITE_OK);
    }
    ~gated_disk() {
        the_gate.open();
        sqlite3_vfs_unregister(&mine_);
        sqlite3_vfs_register(real, 1);
    }
    gated_disk(const gated_disk&) = delete;
    gated_disk& operator=(const gated_disk&) = delete;

private:
    sqlite3_vfs mine_{};
};

}  // namespace

TEST_CASE("store: while the disk does not answer it says since when, and no longer once it has answered") {
    const gated_disk disk;
    store_world world;
    const auto tg = world.db->instance("tg");
    CHECK(world.run(commit_of(tg, {said("1", "before", "a")})).status == GW_OK);
    the_gate.close();
    const auto before = the_gate.arrived();
    const auto started = std::chrono::steady_clock::now();
    gw_status status = GW_ERR_IO;
    world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {said("1", "during", "b")})),
                  [&](store::commit_job& job) { status = job.status; });
    the_gate.await_one_after(before);
    const auto since = world.db->busy_since();
    REQUIRE(since);
    CHECK(*since >= started);
    the_gate.open();
    world.settle();
    CHECK(status == GW_OK);
    world.db->close();
    CHECK_FALSE(world.db->busy_since());
}

TEST_CASE("store: closing waits for a disk that does not answer only as long as it is told to") {
    const gated_disk disk;
    store_world world;
    const auto tg = world.db->instance("tg");
    the_gate.close();
    const auto before = the_gate.arrived();
    world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {said("1", "during", "b")})),
                  [](store::commit_job&) {});
    the_gate.await_one_after(before);
    CHECK_FALSE(world.db->close_by(std::chrono::steady_clock::now() + 20ms));
    the_gate.open();
    CHECK(world.db->close_by(std::chrono::steady_clock::now() + 30s));
}

TEST_CASE("disk watch: a disk that was at the same jobs for its patience hangs, until it is at others") {
    store::disk_watch watch;
    const store::disk_watch::time_point start{};
    CHECK_FALSE(watch.look(std::nullopt, start));
    CHECK_FALSE(watch.look(start, start + 9s));
    const auto told = watch.look(start, start + 10s);
    REQUIRE(told);
    CHECK(*told == "the disk has not answered for 10 s or more");
    CHECK_FALSE(watch.look(start, start + 12s));  // once
    CHECK(watch.look(start + 13s, start + 14s) == "");
    CHECK_FALSE(watch.look(std::nullopt, start + 16s));
}

TEST_CASE(
    "disk watch: an error that was told stays in the way until a write works, also when the disk hung meanwhile") {
    store::disk_watch watch;
    const store::disk_watch::time_point start{};
    CHECK(watch.on_trouble("it is full") == "it is full");
    CHECK(watch.look(start, start + 11s) == "the disk has not answered for 10 s or more");
    CHECK_FALSE(watch.on_trouble("it is full"));
    CHECK(watch.look(std::nullopt, start + 12s) == "it is full");
    CHECK(watch.on_trouble("") == "");
}
