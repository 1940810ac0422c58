#include "store/schema.hpp"

#include <cstdint>

namespace gateway::store {
namespace {

// In the file's header, so that another program's database is not taken for ours: "gwHo".
constexpr std::int64_t application_id = 0x6777486F;

// Version 1. What is looked up by several columns at once is clustered by them (WITHOUT ROWID): one tree instead of
// two. `outbox` grows at an instance's end and shrinks at its front. Times are Unix milliseconds. `finished` keeps no
// content.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('next_delivery', 1);

CREATE TABLE instances (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE journal (
    id INTEGER PRIMARY KEY, instance INTEGER NOT NULL, kind INTEGER NOT NULL, stored_ms INTEGER NOT NULL,
    dedupe TEXT, chat TEXT NOT NULL, thread TEXT NOT NULL, message TEXT NOT NULL, reply_to TEXT NOT NULL,
    sender_flags INTEGER, sender TEXT, sender_name TEXT, time_ms INTEGER NOT NULL,
    text TEXT NOT NULL, extra TEXT NOT NULL);
CREATE UNIQUE INDEX journal_dedupe ON journal (instance, dedupe) WHERE dedupe IS NOT NULL;

CREATE TABLE outbox (
    instance INTEGER NOT NULL, id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, attempt INTEGER NOT NULL, handed INTEGER NOT NULL, repeated INTEGER NOT NULL,
    kind INTEGER NOT NULL, chat TEXT NOT NULL, thread TEXT NOT NULL, message TEXT NOT NULL, reply_to TEXT NOT NULL,
    sender_flags INTEGER, sender TEXT, sender_name TEXT, time_ms INTEGER NOT NULL,
    text TEXT NOT NULL, extra TEXT NOT NULL,
    PRIMARY KEY (instance, id)) WITHOUT ROWID;

CREATE TABLE finished (
    id INTEGER PRIMARY KEY, instance INTEGER NOT NULL, chat TEXT NOT NULL, outcome INTEGER NOT NULL,
    message TEXT NOT NULL, code TEXT NOT NULL, finished_ms INTEGER NOT NULL);

CREATE TABLE kv (
    instance INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (instance, key)) WITHOUT ROWID;

CREATE TABLE chats (
    instance INTEGER NOT NULL, id TEXT NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, seen_ms INTEGER NOT NULL,
    PRIMARY KEY (instance, id)) WITHOUT ROWID;
)sql";

constexpr const char* steps_to_now[] = {version_1};

}  // namespace

std::span<const char* const> schema_steps() {
    return steps_to_now;
}

std::string check_version(connection& db, std::span<const char* const> steps) {
    const auto version = db.integer("PRAGMA user_version");
    const auto owner = db.integer("PRAGMA application_id");
    const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
    if (owner != application_id && (owner != 0 || version != 0 || tables != 0)) {
        return "is a database of another program: name another state directory, or move the file away";
    }
    const auto newest = static_cast<std::int64_t>(steps.size());
    if (version < 0 || version > newest) {
        return "is of version " + std::to_string(version) + ", made by a newer gateway-host; this one knows up to " +
               std::to_string(newest) + ": install the newer one again, or move the file away";
    }
    return {};
}

void migrate(connection& db, std::span<const char* const> steps) {
    const auto version = static_cast<std::size_t>(db.integer("PRAGMA user_version"));
    if (!db.ok() || version >= steps.size()) {
        return;
    }
    db.execute("BEGIN IMMEDIATE");
    for (const char* step : steps.subspan(version)) {
        db.execute(step);
    }
    db.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    db.execute(("PRAGMA user_version = " + std::to_string(steps.size())).c_str());
    db.execute("COMMIT");
    if (!db.ok() && sqlite3_get_autocommit(db.raw()) == 0) {
        sqlite3_exec(db.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

}  // namespace gateway::store
