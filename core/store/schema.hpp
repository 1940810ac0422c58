// The tables, and how a database of an earlier version becomes one of this version. Writer's connection.
#pragma once

#include "store/sqlite.hpp"

#include <span>
#include <string>

namespace gateway::store {

// The steps from an empty file to the present: step i leads from version i to version i + 1, kept in user_version.
// Released steps never change; a new version appends one.
[[nodiscard]] std::span<const char* const> schema_steps();

// Whether the database is one of ours that these steps know. Empty, or a clause that continues a sentence begun with
// the file's name: "is of version 7, made by a newer gateway-host; …". Changes nothing.
[[nodiscard]] std::string check_version(connection& db, std::span<const char* const> steps);

// Brings the database to the last step, all in one transaction; on an error it is left as it was.
void migrate(connection& db, std::span<const char* const> steps);

}  // namespace gateway::store
