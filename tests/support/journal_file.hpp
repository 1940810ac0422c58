// A host's journal, read from outside when no host holds it.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gateway::test {

class journal_file {
public:
    explicit journal_file(const std::filesystem::path& path) {
        REQUIRE(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
    }
    ~journal_file() { sqlite3_close(database_); }
    journal_file(const journal_file&) = delete;
    journal_file& operator=(const journal_file&) = delete;

    // The first column of each row, in their order.
    [[nodiscard]] std::vector<std::string> texts(const char* sql) const {
        std::vector<std::string> found;
        sqlite3_stmt* statement = nullptr;
        REQUIRE_MESSAGE(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) == SQLITE_OK,
                        sqlite3_errmsg(database_));
        while (sqlite3_step(statement) == SQLITE_ROW) {
            found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)),
                               static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
        }
        REQUIRE(sqlite3_finalize(statement) == SQLITE_OK);
        return found;
    }

    // The first column of the only row.
    [[nodiscard]] std::int64_t number(const char* sql) const {
        const auto found = texts(sql);
        REQUIRE(found.size() == 1);
        return std::stoll(found.front());
    }

private:
    sqlite3* database_ = nullptr;
};

}  // namespace gateway::test
