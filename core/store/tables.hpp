// Each job as reads and writes of the tables. Knows nothing of threads and transactions: the caller begins and commits
// one around any number of jobs, and looks at the connection's error. A job may be run again after a rollback.
#pragma once

#include "store/journal.hpp"
#include "store/sqlite.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace gateway::store {

class tables {
public:
    tables(connection& db, std::chrono::milliseconds retention);

    // Forgets what was remembered of a transaction that failed.
    void rolled_back();

    void add_instance(instance_id id, const std::string& name);
    void run(commit_job& job);
    void run(mark_job& job);
    void run(record_job& job);
    void run(load_job& job);
    void run(kv_job& job);
    void run(prune_job& job);

private:
    bool write_keys(const commit_job& job);
    std::int64_t& key_count(instance_id of);
    void write_key(instance_id of, const message::kv_write& write, std::int64_t& count);
    bool insert_event(const commit_job& job, const message::event& what);
    void insert_delivery(const outgoing& made, std::int64_t unix_ms);
    void reserve_ids(const commit_job& job);
    std::unique_ptr<message::delivery> read_delivery(instance_id to, const progress& how);
    bool prune_strangers(std::int64_t before_ms, prune_job& job);
    bool prune_chats();

    connection& db_;
    std::int64_t retention_ms_;
    std::unordered_map<instance_id, std::int64_t> key_counts_;
    std::unordered_set<instance_id> loaded_;  // instances somebody has asked for since the start
    std::uint64_t reserved_ = 0;              // delivery ids below this are covered by meta

    statement add_instance_;
    statement insert_event_;
    statement upsert_chat_;
    statement insert_delivery_;
    statement reserve_;
    statement count_keys_;
    statement update_key_;
    statement insert_key_;
    statement delete_key_;
    statement read_key_;
    statement mark_;
    statement read_delivery_;
    statement remove_;
    statement finish_;
    statement load_;
    statement load_chats_;
};

}  // namespace gateway::store
