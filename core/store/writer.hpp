// The writer thread: takes queued jobs in groups, runs each group in one transaction, hands the jobs back to the loop.
//
//   loop thread    submit ─▶ queue                                       posted: finish (calls the handler)
//   writer thread            └─▶ begin · run … run · commit ─▶ post each ──────▲
//                                        └ an error: rollback, then each job in a transaction of its own
//
// The queue is guarded by a mutex; the connection and the tables are the writer thread's alone.
#pragma once

#include "store/sqlite.hpp"
#include "store/tables.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gateway::store {

inline constexpr std::size_t max_group_jobs = 4096;
inline constexpr std::size_t max_group_rows = 8192;  // a group ends with the job that reaches this

// A job with its handler, whatever its kind.
class queued_job {
public:
    queued_job() = default;
    queued_job(const queued_job&) = delete;
    queued_job& operator=(const queued_job&) = delete;
    virtual ~queued_job() = default;

    virtual void run(tables& on) = 0;
    virtual void failed(gw_status why) = 0;
    virtual void finish() = 0;  // loop thread
    [[nodiscard]] virtual std::size_t rows() const = 0;
    [[nodiscard]] virtual bool writes() const = 0;
};

class writer {
public:
    // Takes an open, migrated connection.
    writer(boost::asio::io_context& loop, std::unique_ptr<connection> db, std::string file,
           std::chrono::milliseconds retention, std::function<void(const std::string&)> on_trouble);
    ~writer();

    void submit(std::unique_ptr<queued_job> job);
    // Comes before every job submitted later; repeated until it is committed.
    void add_instance(instance_id id, std::string name);
    // Runs what is queued, closes the file, ends the thread. No handler is called after this.
    void close();
    // Likewise, but false when that took longer: the thread is still at it, and only an exit ends it.
    [[nodiscard]] bool close_by(std::chrono::steady_clock::time_point until);
    // Since when the disk has not answered: the thread is at the same jobs all that time. Empty: it waits for jobs.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> busy_since();

private:
    using group = std::vector<std::unique_ptr<queued_job>>;

    void begin_close();
    void work();
    group take();
    void run_group(group& jobs);
    bool run_in_transaction(std::unique_ptr<queued_job>* jobs, std::size_t count);
    void report(const std::string& trouble);
    void hand_back(group& jobs);

    boost::asio::io_context& loop_;
    std::string file_;
    std::function<void(const std::string&)> on_trouble_;
    std::shared_ptr<bool> open_ = std::make_shared<bool>(true);  // loop thread

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<instance_id, std::string>> new_instances_;
    group queue_;
    std::optional<std::chrono::steady_clock::time_point> busy_since_;
    bool closing_ = false;
    bool ended_ = false;
    std::condition_variable end_;

    std::unique_ptr<connection> db_;  // writer thread, from here on
    std::unique_ptr<tables> tables_;
    std::vector<std::pair<instance_id, std::string>> unwritten_instances_;
    bool troubled_ = false;

    std::thread thread_;
};

}  // namespace gateway::store
