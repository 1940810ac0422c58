#include "store/writer.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <signal.h>

namespace gateway::store {
namespace {

// Signals are for the thread that runs the host.
std::thread start_without_signals(std::function<void()> work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread started(std::move(work));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(started.native_handle(), "store");
    return started;
}

}  // namespace

writer::writer(boost::asio::io_context& loop, std::unique_ptr<connection> db, std::string file,
               std::chrono::milliseconds retention, std::function<void(const std::string&)> on_trouble)
    : loop_(loop),
      file_(std::move(file)),
      on_trouble_(std::move(on_trouble)),
      db_(std::move(db)),
      tables_(std::make_unique<tables>(*db_, retention)),
      thread_(start_without_signals([this] { work(); })) {}

writer::~writer() {
    close();
}

void writer::begin_close() {
    *open_ = false;
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    changed_.notify_one();
}

void writer::close() {
    begin_close();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool writer::close_by(std::chrono::steady_clock::time_point until) {
    begin_close();
    std::unique_lock lock(mutex_);
    return end_.wait_until(lock, until, [this] { return ended_; });
}

std::optional<std::chrono::steady_clock::time_point> writer::busy_since() {
    const std::scoped_lock lock(mutex_);
    return busy_since_;
}

void writer::submit(std::unique_ptr<queued_job> job) {
    bool was_idle = false;
    {
        const std::scoped_lock lock(mutex_);
        was_idle = queue_.empty();
        queue_.push_back(std::move(job));
    }
    if (was_idle) {
        changed_.notify_one();
    }
}

void writer::add_instance(instance_id id, std::string name) {
    const std::scoped_lock lock(mutex_);
    new_instances_.emplace_back(id, std::move(name));
}

void writer::work() {
    while (true) {
        auto jobs = take();
        if (jobs.empty()) {
            break;
        }
        run_group(jobs);
        hand_back(jobs);
    }
    tables_.reset();
    db_.reset();
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    end_.notify_all();
}

// Waits for jobs. Empty: the end.
writer::group writer::take() {
    std::unique_lock lock(mutex_);
    busy_since_.reset();
    changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (!queue_.empty()) {
        busy_since_ = std::chrono::steady_clock::now();
    }
    std::ranges::move(new_instances_, std::back_inserter(unwritten_instances_));
    new_instances_.clear();
    std::size_t count = 0;
    std::size_t rows = 0;
    while (count < std::min(queue_.size(), max_group_jobs) && rows < max_group_rows) {
        rows += queue_[count++]->rows();
    }
    if (count == queue_.size()) {
        return std::exchange(queue_, {});
    }
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group taken(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return taken;
}

void writer::run_group(group& jobs) {
    if (run_in_transaction(jobs.data(), jobs.size())) {
        return;
    }
    for (auto& job : jobs) {
        if (!run_in_transaction(&job, 1)) {
            job->failed(GW_ERR_IO);
        }
    }
}

bool writer::run_in_transaction(std::unique_ptr<queued_job>* jobs, std::size_t count) {
    db_->execute("BEGIN");
    for (const auto& [id, name] : unwritten_instances_) {
        tables_->add_instance(id, name);
    }
    bool writes = !unwritten_instances_.empty();
    for (std::size_t i = 0; i < count && db_->ok(); ++i) {
        jobs[i]->run(*tables_);
        writes = writes || jobs[i]->writes();
    }
    db_->execute("COMMIT");
    if (db_->ok()) {
        unwritten_instances_.clear();
        if (writes) {
            report({});
        }
        return true;
    }
    const std::string trouble = "cannot use " + file_ + ": " + db_->error_text();
    db_->clear_error();
    if (sqlite3_get_autocommit(db_->raw()) == 0) {
        db_->execute("ROLLBACK");
        db_->clear_error();
    }
    tables_->rolled_back();
    // A group that failed is tried again job by job; what still fails then is trouble.
    if (count == 1) {
        report(trouble);
    }
    return false;
}

// Once when it starts, once when it is over.
void writer::report(const std::string& trouble) {
    if (troubled_ == !trouble.empty()) {
        return;
    }
    troubled_ = !trouble.empty();
    if (on_trouble_) {
        boost::asio::post(loop_, [tell = on_trouble_, trouble, open = open_] {
            if (*open) {
                tell(trouble);
            }
        });
    }
}

// One post each: a handler that never returns (loop/runner.hpp) must not keep the others.
void writer::hand_back(group& jobs) {
    for (auto& job : jobs) {
        boost::asio::post(loop_, [job = std::move(job), open = open_] {
            if (*open) {
                job->finish();
            }
        });
    }
}

}  // namespace gateway::store
