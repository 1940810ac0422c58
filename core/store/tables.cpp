#include "store/tables.hpp"

#include "message/bounds.hpp"

#include <algorithm>
#include <utility>

namespace gateway::store {
namespace {

constexpr std::uint64_t id_block = 1024;   // delivery ids covered by one write to meta
constexpr std::uint32_t prune_rows = 500;  // forgotten in one step, per table

}  // namespace

tables::tables(connection& db, std::chrono::milliseconds retention)
    : db_(db),
      retention_ms_(retention.count()),
      add_instance_(db, "INSERT OR IGNORE INTO instances (id, name) VALUES (?1, ?2)"),
      insert_event_(
          db,
          "INSERT OR IGNORE INTO journal (instance, kind, stored_ms, dedupe, chat, thread, message, reply_to, "
          "sender_flags, sender, sender_name, time_ms, text, extra) "
          "VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"),
      upsert_chat_(db,
                   "INSERT INTO chats (instance, id, kind, title, seen_ms) VALUES (?1, ?2, ?3, ?4, ?5) "
                   "ON CONFLICT DO UPDATE SET kind = ?3, title = ?4, seen_ms = ?5"),
      insert_delivery_(db,
                       "INSERT INTO outbox (instance, id, created_ms, attempt, handed, repeated, kind, chat, thread, "
                       "message, reply_to, sender_flags, sender, sender_name, time_ms, text, extra) "
                       "VALUES (?1, ?2, ?3, ?4, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"),
      reserve_(db, "UPDATE meta SET value = ?1 WHERE key = 'next_delivery'"),
      count_keys_(db, "SELECT count(*) FROM kv WHERE instance = ?1"),
      update_key_(db, "UPDATE kv SET value = ?3 WHERE instance = ?1 AND key = ?2"),
      insert_key_(db, "INSERT INTO kv (instance, key, value) VALUES (?1, ?2, ?3)"),
      delete_key_(db, "DELETE FROM kv WHERE instance = ?1 AND key = ?2"),
      read_key_(db, "SELECT value FROM kv WHERE instance = ?1 AND key = ?2"),
      mark_(db, "UPDATE outbox SET attempt = ?3, handed = ?4, repeated = ?5 WHERE instance = ?1 AND id = ?2"),
      read_delivery_(db,
                     "SELECT kind, chat, thread, message, reply_to, sender_flags, sender, sender_name, time_ms, text, "
                     "extra FROM outbox WHERE instance = ?1 AND id = ?2"),
      remove_(db, "DELETE FROM outbox WHERE instance = ?1 AND id = ?2"),
      finish_(db,
              "INSERT OR REPLACE INTO finished (id, instance, chat, outcome, message, code, finished_ms) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      load_(db,
            "SELECT chat, id, attempt, handed, repeated, created_ms, "
            "length(CAST(text AS BLOB)) + length(CAST(extra AS BLOB)) FROM outbox WHERE instance = ?1 ORDER BY id"),
      load_chats_(db, "SELECT id, kind, title, seen_ms FROM chats WHERE instance = ?1 ORDER BY seen_ms DESC LIMIT ?2") {
}

void tables::rolled_back() {
    key_counts_.clear();
    reserved_ = 0;
}

void tables::add_instance(instance_id id, const std::string& name) {
    add_instance_.bind(id, name).run();
}

void tables::run(commit_job& job) {
    job.status = GW_OK;
    job.duplicates.assign(job.events.size(), false);
    if (!write_keys(job)) {
        job.status = GW_ERR_LIMIT;
        return;
    }
    auto made = job.deliveries.begin();
    for (std::uint32_t i = 0; i < job.events.size(); ++i) {
        const bool is_new = insert_event(job, job.events[i]);
        job.duplicates[i] = !is_new;
        for (; made != job.deliveries.end() && made->event == i; ++made) {
            if (is_new) {
                insert_delivery(*made, job.unix_ms);
            }
        }
    }
    reserve_ids(job);
}

// The writes come first, so that a batch with too many keys undoes nothing but them.
bool tables::write_keys(const commit_job& job) {
    if (job.writes.empty()) {
        return true;
    }
    auto& count = key_count(job.from);
    const auto before = count;
    const auto most = std::ranges::count_if(job.writes, [](const auto& write) { return write.value.has_value(); });
    const bool may_exceed = before + most > static_cast<std::int64_t>(message::max_instance_keys);
    if (may_exceed) {
        db_.execute("SAVEPOINT keys");
    }
    for (const auto& write : job.writes) {
        write_key(job.from, write, count);
    }
    const bool fits = count <= static_cast<std::int64_t>(message::max_instance_keys) || count <= before;
    if (may_exceed) {
        if (!fits) {
            db_.execute("ROLLBACK TO keys");
            count = before;
        }
        db_.execute("RELEASE keys");
    }
    return fits;
}

std::int64_t& tables::key_count(instance_id of) {
    const auto [found, is_new] = key_counts_.try_emplace(of, 0);
    if (is_new && count_keys_.bind(of).step()) {
        found->second = count_keys_.integer(0);
        count_keys_.reset();
    }
    return found->second;
}

void tables::write_key(instance_id of, const message::kv_write& write, std::int64_t& count) {
    if (!write.value) {
        count -= static_cast<std::int64_t>(delete_key_.bind(of, write.key).run());
    } else if (update_key_.bind(of, write.key, blob{*write.value}).run() == 0) {
        count += static_cast<std::int64_t>(insert_key_.bind(of, write.key, blob{*write.value}).run());
    }
}

// False: the journal has it already.
bool tables::insert_event(const commit_job& job, const message::event& what) {
    const bool is_chat = what.kind == GW_EVENT_CHAT;
    bool is_new = true;
    if (!is_chat || !what.dedupe_id.empty()) {
        const auto& said = what.message;
        auto& insert = insert_event_.bind(job.from, what.kind, job.unix_ms, what.dedupe_id,
                                          is_chat ? what.chat.id : said.chat, said.thread, said.id, said.reply_to,
                                          nullptr, nullptr, nullptr, said.time_ms, said.text, said.extra);
        if (said.sender) {
            insert.bind_at(9, said.sender->flags, said.sender->id, said.sender->name);
        }
        is_new = insert.run() != 0;
    }
    if (is_chat && is_new) {
        upsert_chat_.bind(job.from, what.chat.id, what.chat.kind, what.chat.title, job.unix_ms).run();
    }
    return is_new;
}

void tables::insert_delivery(const outgoing& made, std::int64_t unix_ms) {
    const auto& said = made.what.message;
    auto& insert =
        insert_delivery_.bind(made.to, made.what.id, unix_ms, made.handed, made.what.kind, said.chat, said.thread,
                              said.id, said.reply_to, nullptr, nullptr, nullptr, said.time_ms, said.text, said.extra);
    if (said.sender) {
        insert.bind_at(10, said.sender->flags, said.sender->id, said.sender->name);
    }
    insert.run();
}

void tables::reserve_ids(const commit_job& job) {
    std::uint64_t last = 0;
    for (const auto& made : job.deliveries) {
        last = std::max(last, made.what.id);
    }
    if (last >= reserved_ && last != 0) {
        reserve_.bind(last + id_block).run();
        reserved_ = last + id_block;
    }
}

void tables::run(mark_job& job) {
    job.status = GW_OK;
    job.contents.clear();
    for (const auto& each : job.marks) {
        const bool is_there = mark_.bind(job.to, each.id, each.attempt, each.handed, each.repeated).run() != 0;
        job.contents.push_back(is_there && each.handed ? read_delivery(job.to, each) : nullptr);
    }
}

std::unique_ptr<message::delivery> tables::read_delivery(instance_id to, const progress& how) {
    auto& row = read_delivery_.bind(to, how.id);
    if (!row.step()) {
        return nullptr;
    }
    auto found = std::make_unique<message::delivery>();
    found->kind = static_cast<std::int32_t>(row.integer(0));
    found->id = how.id;
    found->flags = how.repeated ? GW_DELIVERY_REPEATED : 0;
    found->attempt = how.attempt;
    auto& said = found->message;
    said.chat = row.text(1);
    said.thread = row.text(2);
    said.id = row.text(3);
    said.reply_to = row.text(4);
    if (!row.is_null(6)) {
        said.sender = message::sender{static_cast<std::uint32_t>(row.integer(5)), row.text(6), row.text(7)};
    }
    said.time_ms = row.integer(8);
    said.text = row.text(9);
    said.extra = row.text(10);
    row.reset();
    return found;
}

void tables::run(record_job& job) {
    if (remove_.bind(job.to, job.id).run() == 0) {
        job.status = GW_ERR_NOT_FOUND;
        return;
    }
    finish_.bind(job.id, job.to, job.chat, job.outcome, job.message_id, job.code, job.unix_ms).run();
    job.status = GW_OK;
}

void tables::run(load_job& job) {
    job.status = GW_OK;
    job.lanes.clear();
    job.chats.clear();
    job.chats_seen_ms.clear();
    loaded_.insert(job.to);
    std::unordered_map<std::string, std::size_t> lane_of;
    load_.bind(job.to);
    while (load_.step()) {
        const auto [at, is_new] = lane_of.try_emplace(load_.text(0), job.lanes.size());
        if (is_new) {
            job.lanes.push_back({at->first, {}});
        }
        auto& row = job.lanes[at->second].deliveries.emplace_back();
        row.id = static_cast<std::uint64_t>(load_.integer(1));
        row.attempt = static_cast<std::uint32_t>(load_.integer(2));
        row.handed = load_.integer(3) != 0;
        row.repeated = load_.integer(4) != 0;
        row.created_unix_ms = load_.integer(5);
        row.bytes = static_cast<std::size_t>(load_.integer(6));
    }
    load_chats_.bind(job.to, max_directory_chats);
    while (load_chats_.step()) {
        job.chats.push_back(
            {static_cast<std::int32_t>(load_chats_.integer(1)), load_chats_.text(0), load_chats_.text(2)});
        job.chats_seen_ms.push_back(load_chats_.integer(3));
    }
}

void tables::run(kv_job& job) {
    job.status = GW_ERR_NOT_FOUND;
    if (read_key_.bind(job.of, job.key).step()) {
        job.status = GW_OK;
        job.value = read_key_.text(0);
        read_key_.reset();
    }
}

// Rows are written in the order of their ids, so the oldest are found without an index over time.
void tables::run(prune_job& job) {
    job.status = GW_OK;
    job.dropped = 0;
    const auto before_ms = job.unix_ms - retention_ms_;
    const auto events = statement(db_,
                                  "DELETE FROM journal WHERE stored_ms < ?1 AND id IN "
                                  "(SELECT id FROM journal ORDER BY id LIMIT ?2)")
                            .bind(before_ms, prune_rows)
                            .run();
    const auto deliveries = statement(db_,
                                      "DELETE FROM finished WHERE finished_ms < ?1 AND id IN "
                                      "(SELECT id FROM finished ORDER BY id LIMIT ?2)")
                                .bind(before_ms, prune_rows)
                                .run();
    const bool strangers = prune_strangers(before_ms, job);
    const bool chats = prune_chats();
    job.more = events >= prune_rows || deliveries >= prune_rows || strangers || chats;
}

// Deliveries to instances that nobody configures any more have no lane in which they could grow too old.
bool tables::prune_strangers(std::int64_t before_ms, prune_job& job) {
    statement next(db_, "SELECT instance FROM outbox WHERE instance > ?1 ORDER BY instance LIMIT 1");
    statement remove(db_,
                     "DELETE FROM outbox WHERE (instance, id) IN "
                     "(SELECT instance, id FROM outbox WHERE instance = ?1 AND created_ms < ?2 LIMIT ?3)");
    for (std::int64_t at = -1; next.bind(at).step();) {
        at = next.integer(0);
        next.reset();
        if (loaded_.contains(static_cast<instance_id>(at))) {
            continue;
        }
        job.dropped += remove.bind(at, before_ms, prune_rows).run();
        if (job.dropped >= prune_rows) {
            return true;
        }
    }
    return false;
}

bool tables::prune_chats() {
    statement full(db_, "SELECT instance, count(*) FROM chats GROUP BY instance HAVING count(*) > ?1 LIMIT 1");
    statement remove(db_,
                     "DELETE FROM chats WHERE (instance, id) IN "
                     "(SELECT instance, id FROM chats WHERE instance = ?1 ORDER BY seen_ms LIMIT ?2)");
    if (!full.bind(max_directory_chats).step()) {
        return false;
    }
    const auto instance = full.integer(0);
    const auto excess = full.integer(1) - std::int64_t{max_directory_chats};
    full.reset();
    remove.bind(instance, std::min(excess, std::int64_t{prune_rows})).run();
    return true;
}

}  // namespace gateway::store
