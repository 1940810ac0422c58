// A disk that hangs instead of failing: each sync of SQLite's files waits at a gate until the test opens it.
//
// One at a time: the gate is the process's.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

namespace gateway::test {

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
        REQUIRE(changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return arrived_ > before; }));
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

inline gate the_gate;

namespace detail {

inline sqlite3_vfs* real = nullptr;
inline int (*real_sync)(sqlite3_file*, int) = nullptr;
inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> gated_methods;  // of each kind of file

inline int gated_sync(sqlite3_file* file, int flags) {
    the_gate.pass();
    return real_sync(file, flags);
}

inline int gated_open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
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

}  // namespace detail

// The default file system of SQLite, with a gate before each sync, as long as this lives.
class gated_disk {
public:
    gated_disk() {
        detail::real = sqlite3_vfs_find(nullptr);
        mine_ = *detail::real;
        mine_.zName = "gated";
        mine_.xOpen = detail::gated_open;
        REQUIRE(sqlite3_vfs_register(&mine_, 1) == SQLITE_OK);
    }
    ~gated_disk() {
        the_gate.open();
        sqlite3_vfs_unregister(&mine_);
        sqlite3_vfs_register(detail::real, 1);
    }
    gated_disk(const gated_disk&) = delete;
    gated_disk& operator=(const gated_disk&) = delete;

private:
    sqlite3_vfs mine_{};
};

}  // namespace gateway::test
