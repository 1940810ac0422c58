// A host's journal, read from outside when no host holds it.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>

namespace gateway::test {

class journal_file {
public:
    explicit journal_file(const std::filesystem::path& path) {
        REQUIRE(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
    }
    ~journal_file() { sqlite3_close(database_); }
    journal_file(const journal_file&) = delete;
    journal_file& operator=(const journal_file&) = delete;

    void each_row(const char* sql, const std::function<void(sqlite3_stmt*)>& use) const {
        sqlite3_stmt* statement = nullptr;
        REQUIRE_MESSAGE(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) == SQLITE_OK,
                        sqlite3_errmsg(database_));
        while (sqlite3_step(statement) == SQLITE_ROW) {
            use(statement);
        }
        REQUIRE(sqlite3_finalize(statement) == SQLITE_OK);
    }

    // The first column of the only row.
    [[nodiscard]] std::int64_t number(const char* sql) const {
        int rows = 0;
        std::int64_t value = 0;
        each_row(sql, [&](sqlite3_stmt* row) {
            value = sqlite3_column_int64(row, 0);
            ++rows;
        });
        REQUIRE(rows == 1);
        return value;
    }

private:
    sqlite3* database_ = nullptr;
};

}  // namespace gateway::test
