// SQLite with owners and sticky errors: the only header of the project that knows sqlite3.h.
//
// The first error of a connection stays until `clear_error`; until then statements do nothing and yield no rows. So a
// transaction is written as a straight line and looked at once, before its commit. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::store {

class connection {
public:
    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void open(const std::string& file);
    void execute(const char* sql);
    // The first column of the first row; 0 without one.
    std::int64_t integer(const char* sql);

    [[nodiscard]] bool ok() const { return error_ == SQLITE_OK; }
    [[nodiscard]] int error() const { return error_ & 0xFF; }  // SQLITE_*, without its extension
    [[nodiscard]] const std::string& error_text() const { return error_text_; }
    void fail(int code);
    void clear_error();

    [[nodiscard]] sqlite3* raw() const { return handle_.get(); }

private:
    struct closer {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, closer> handle_;
    int error_ = SQLITE_OK;
    std::string error_text_;
};

// A statement, prepared when it is first used. Bound texts are borrowed until the next `bind` or `reset`.
// Bytes that are no text.
struct blob {
    const std::string& bytes;
};

class statement {
public:
    // `sql` lives as long as the statement.
    statement(connection& db, const char* sql) : db_(db), sql_(sql) {}

    template <class... Values>
    statement& bind(const Values&... values) {
        if (ready()) {
            put_all(1, values...);
        }
        return *this;
    }

    // Replaces what is bound from `index` on.
    template <class... Values>
    statement& bind_at(int index, const Values&... values) {
        if (db_.ok()) {
            put_all(index, values...);
        }
        return *this;
    }

    // Runs until the next row. False: there is none, and the statement is reset.
    bool step();
    // Runs a statement that yields no rows, and says how many rows it changed.
    std::size_t run();
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
    [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }
    [[nodiscard]] std::string text(int column) const;  // or a blob

private:
    struct finalizer {
        void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
    };

    bool ready();
    template <class... Values>
    void put_all(int index, const Values&... values) {
        (put(index++, values), ...);
    }
    void put(int index, std::int64_t value) { check(sqlite3_bind_int64(handle_.get(), index, value)); }
    void put(int index, std::uint64_t value) { put(index, static_cast<std::int64_t>(value)); }
    void put(int index, std::int32_t value) { put(index, std::int64_t{value}); }
    void put(int index, std::uint32_t value) { put(index, std::int64_t{value}); }
    void put(int index, bool value) { put(index, std::int64_t{value}); }
    void put(int index, const std::string& value);
    void put(int index, const blob& value);
    void put(int index, std::nullptr_t) { check(sqlite3_bind_null(handle_.get(), index)); }
    void check(int code) {
        if (code != SQLITE_OK) {
            db_.fail(code);
        }
    }

    connection& db_;
    const char* sql_;
    std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

}  // namespace gateway::store
