#include "store/database.hpp"

#include "store/schema.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <type_traits>
#include <unistd.h>
#include <unordered_map>
#include <utility>

namespace gateway::store {
namespace {

// Made here, since SQLite would let everybody read it: it holds what people wrote.
std::string make_private(const std::string& file) {
    const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (opened < 0) {
        return std::strerror(errno);
    }
    ::close(opened);
    return {};
}

std::string why_not_opened(const connection& db) {
    switch (db.error()) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "is in use by another process; is a gateway-host running with the same state directory?";
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return "is not a database, or is damaged (" + db.error_text() +
                   "); nothing was changed: restore it from a backup, or move it away to start with an empty one";
        default:
            return "cannot be opened: " + db.error_text();
    }
}

// Sets up the connection; empty, or the reason why it is no use, without having changed anything.
std::string prepare(connection& db, const settings& options) {
    db.open(options.file.string());
    if (db.ok()) {
        sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    // The lock dies with its process, and without shared memory a WAL needs no second file.
    db.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY");
    db.execute("PRAGMA cache_size = -1024; PRAGMA mmap_size = 0");
    db.execute(options.sync == durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    auto refused = check_version(db, schema_steps());
    if (!db.ok() || !refused.empty()) {
        return db.ok() ? refused : why_not_opened(db);
    }
    db.execute("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 4096");
    migrate(db, schema_steps());
    if (!db.ok()) {
        return why_not_opened(db);
    }
    sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    return {};
}

template <class Job>
std::size_t rows_of(const Job& job) {
    if constexpr (std::is_same_v<Job, commit_job>) {
        return 1 + job.events.size() + job.deliveries.size() + job.writes.size();
    } else if constexpr (std::is_same_v<Job, mark_job>) {
        return job.marks.size();
    } else {
        return 1;
    }
}

template <class Job>
class typed_job final : public queued_job {
public:
    typed_job(boost::asio::io_context& loop, std::unique_ptr<Job> job, handler<Job> done)
        : job_(std::move(job)), done_(std::move(done)), work_(loop.get_executor()) {}

    void run(tables& on) override { on.run(*job_); }
    void failed(gw_status why) override { job_->status = why; }
    void finish() override { done_(*job_); }
    [[nodiscard]] std::size_t rows() const override { return rows_of(*job_); }
    [[nodiscard]] bool writes() const override {
        return std::is_same_v<Job, commit_job> || std::is_same_v<Job, mark_job> || std::is_same_v<Job, record_job>;
    }

private:
    std::unique_ptr<Job> job_;
    handler<Job> done_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;  // the loop runs until it is back
};

// What the loop thread knows of the file.
struct numbers {
    std::unordered_map<std::string, instance_id> instances;
    instance_id next_instance = 1;
    std::uint64_t next_delivery = 1;
};

numbers read_numbers(connection& db) {
    numbers found;
    statement all(db, "SELECT id, name FROM instances");
    all.bind();
    while (all.step()) {
        const auto id = static_cast<instance_id>(all.integer(0));
        found.instances.emplace(all.text(1), id);
        found.next_instance = std::max(found.next_instance, id + 1);
    }
    found.next_delivery = static_cast<std::uint64_t>(db.integer("SELECT value FROM meta WHERE key = 'next_delivery'"));
    return found;
}

}  // namespace

class database::state {
public:
    state(boost::asio::io_context& loop, std::unique_ptr<connection> db, numbers found, settings options)
        : loop_(loop),
          numbers_(std::move(found)),
          writer_(loop, std::move(db), options.file.string(), options.retention, std::move(options.on_trouble)) {}

    template <class Job>
    void run(std::unique_ptr<Job> job, handler<Job> done) {
        writer_.submit(std::make_unique<typed_job<Job>>(loop_, std::move(job), std::move(done)));
    }

    instance_id number_of(std::string_view name) {
        const auto [found, is_new] = numbers_.instances.try_emplace(std::string(name), numbers_.next_instance);
        if (is_new) {
            writer_.add_instance(numbers_.next_instance++, found->first);
        }
        return found->second;
    }

    std::uint64_t new_delivery_id() { return numbers_.next_delivery++; }
    void close() { writer_.close(); }
    bool close_by(std::chrono::steady_clock::time_point until) { return writer_.close_by(until); }
    std::optional<std::chrono::steady_clock::time_point> busy_since() { return writer_.busy_since(); }

private:
    boost::asio::io_context& loop_;
    numbers numbers_;
    writer writer_;
};

boost::system::result<std::unique_ptr<database>, std::string> database::open(boost::asio::io_context& loop,
                                                                             settings options) {
    const auto file = options.file.string();
    const auto refused = [&](const std::string& why) -> boost::system::result<std::unique_ptr<database>, std::string> {
        return {boost::system::in_place_error, file + " " + why};
    };
    if (const auto why = make_private(file); !why.empty()) {
        return refused("cannot be opened: " + why);
    }
    auto db = std::make_unique<connection>();
    if (const auto why = prepare(*db, options); !why.empty()) {
        return refused(why);
    }
    auto found = read_numbers(*db);
    if (!db->ok()) {
        return refused(why_not_opened(*db));
    }
    auto started = std::make_unique<state>(loop, std::move(db), std::move(found), std::move(options));
    return std::unique_ptr<database>(new database(std::move(started)));
}

database::database(std::unique_ptr<state> opened) : state_(std::move(opened)) {}

database::~database() = default;

void database::close() {
    state_->close();
}

bool database::close_by(std::chrono::steady_clock::time_point until) {
    return state_->close_by(until);
}

std::optional<std::chrono::steady_clock::time_point> database::busy_since() const {
    return state_->busy_since();
}

instance_id database::instance(std::string_view name) {
    return state_->number_of(name);
}

std::uint64_t database::new_delivery_id() {
    return state_->new_delivery_id();
}

void database::run(std::unique_ptr<commit_job> job, handler<commit_job> done) {
    state_->run(std::move(job), std::move(done));
}

void database::run(std::unique_ptr<mark_job> job, handler<mark_job> done) {
    state_->run(std::move(job), std::move(done));
}

void database::run(std::unique_ptr<record_job> job, handler<record_job> done) {
    state_->run(std::move(job), std::move(done));
}

void database::run(std::unique_ptr<load_job> job, handler<load_job> done) {
    state_->run(std::move(job), std::move(done));
}

void database::run(std::unique_ptr<kv_job> job, handler<kv_job> done) {
    state_->run(std::move(job), std::move(done));
}

void database::run(std::unique_ptr<prune_job> job, handler<prune_job> done) {
    state_->run(std::move(job), std::move(done));
}

}  // namespace gateway::store
