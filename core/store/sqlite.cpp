#include "store/sqlite.hpp"

#include <cstring>

namespace gateway::store {
namespace {

// Nobody asks SQLite how much memory it uses, and counting it costs a lock around every allocation. Only what comes
// before the first connection of the process counts; later it is refused, which does no harm.
void do_without_statistics() {
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)once;
}

}  // namespace

void connection::open(const std::string& file) {
    do_without_statistics();
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) {
        fail(code);
    }
}

void connection::execute(const char* sql) {
    if (!ok()) {
        return;
    }
    if (const int code = sqlite3_exec(raw(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
        fail(code);
    }
}

std::int64_t connection::integer(const char* sql) {
    statement query(*this, sql);
    return query.bind().step() ? query.integer(0) : 0;
}

void connection::fail(int code) {
    if (!ok()) {
        return;
    }
    error_ = code;
    error_text_ = raw() != nullptr ? sqlite3_errmsg(raw()) : sqlite3_errstr(code);
    if (const int system = raw() != nullptr ? sqlite3_system_errno(raw()) : 0;
        system != 0 && (error() == SQLITE_IOERR || error() == SQLITE_CANTOPEN || error() == SQLITE_FULL)) {
        error_text_ += ": ";
        error_text_ += std::strerror(system);
    }
}

void connection::clear_error() {
    error_ = SQLITE_OK;
    error_text_.clear();
}

bool statement::ready() {
    if (!db_.ok()) {
        return false;
    }
    if (handle_ != nullptr) {
        sqlite3_reset(handle_.get());
        return true;
    }
    sqlite3_stmt* handle = nullptr;
    check(sqlite3_prepare_v3(db_.raw(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr));
    handle_.reset(handle);
    return db_.ok();
}

bool statement::step() {
    if (!db_.ok()) {
        return false;
    }
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        db_.fail(code);
    }
    sqlite3_reset(handle_.get());
    return false;
}

std::size_t statement::run() {
    while (step()) {
    }
    return db_.ok() ? static_cast<std::size_t>(sqlite3_changes64(db_.raw())) : 0;
}

void statement::reset() {
    if (handle_ != nullptr) {
        sqlite3_reset(handle_.get());
    }
}

std::string statement::text(int column) const {
    const auto* data = sqlite3_column_blob(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

void statement::put(int index, const std::string& value) {
    check(sqlite3_bind_text64(handle_.get(), index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void statement::put(int index, const blob& value) {
    check(sqlite3_bind_blob64(handle_.get(), index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC));
}

}  // namespace gateway::store
