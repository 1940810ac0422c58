// The journal in one SQLite file, STATE_DIR/gateway.db: WAL, group commit on a thread of its own.
//
// The loop thread queues jobs; the writer thread takes what is queued (at most 4,096 jobs), runs it in one transaction,
// commits, and posts the handlers to the loop in order. When a transaction fails, its jobs are run again one by one, so
// that a bad one fails alone; with a full or broken disk each fails with GW_ERR_IO, and the next ones work as soon as
// the disk does.
#pragma once

#include "store/journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::store {

enum class durability : std::uint8_t {
    full,    // a commit survives a power failure
    normal,  // a commit survives a crash of the host; a power failure may take back the last ones
};

struct settings {
    std::filesystem::path file;
    durability sync = durability::full;
    std::chrono::hours retention{7 * 24};  // of journal entries, and so of dedupe ids, and of finished deliveries
    // Called on the loop when the disk starts to fail (with a sentence) and when it works again (empty), not per job.
    std::function<void(const std::string& trouble)> on_trouble;
};

class database final : public journal {
public:
    // Opens or makes the file (mode 0600). Holds it locked: a second host is refused. The error is a sentence that
    // names the file; nothing was changed then. Takes a few milliseconds.
    [[nodiscard]] static boost::system::result<std::unique_ptr<database>, std::string> open(
        boost::asio::io_context& loop, settings options);

    // As close().
    ~database() override;

    // Commits what is queued and closes the file; blocks as long as that takes. No handler is called any more.
    void close();
    // Likewise, but false when that took longer: then leave with std::quick_exit, since the destructor would wait on.
    [[nodiscard]] bool close_by(std::chrono::steady_clock::time_point until);

    // Since when the disk has not answered; empty: nothing waits for it. See disk_watch.hpp.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> busy_since() const;

    [[nodiscard]] instance_id instance(std::string_view name) override;
    [[nodiscard]] std::uint64_t new_delivery_id() override;
    void run(std::unique_ptr<commit_job> job, handler<commit_job> done) override;
    void run(std::unique_ptr<mark_job> job, handler<mark_job> done) override;
    void run(std::unique_ptr<record_job> job, handler<record_job> done) override;
    void run(std::unique_ptr<load_job> job, handler<load_job> done) override;
    void run(std::unique_ptr<kv_job> job, handler<kv_job> done) override;
    void run(std::unique_ptr<prune_job> job, handler<prune_job> done) override;

private:
    class state;
    explicit database(std::unique_ptr<state> opened);

    std::unique_ptr<state> state_;
};

}  // namespace gateway::store
