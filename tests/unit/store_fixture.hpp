// A database in a directory of its own, and jobs run to their end.
#pragma once

#include "store/database.hpp"
#include "support/said.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

class store_world {
public:
    explicit store_world(std::filesystem::path file = {}, std::chrono::hours retention = std::chrono::hours{168}) {
        options_.file = file.empty() ? directory_.path() / "gateway.db" : std::move(file);
        options_.retention = retention;
        options_.on_trouble = [this](const std::string& trouble) { troubles.push_back(trouble); };
        open();
    }

    void open() {
        auto opened = store::database::open(loop, options_);
        REQUIRE_MESSAGE(opened.has_value(), opened.error());
        db = std::move(*opened);
    }

    // Closes and opens again.
    void reopen() {
        db.reset();
        open();
    }

    // Runs one job and everything queued before it.
    template <class Job>
    Job run(Job what) {
        auto done = std::make_unique<Job>();
        db->run(std::make_unique<Job>(std::move(what)), store::handler<Job>([&](Job& job) { *done = std::move(job); }));
        settle();
        return std::move(*done);
    }

    void settle() {
        loop.restart();
        loop.run();
    }

    [[nodiscard]] const std::filesystem::path& file() const { return options_.file; }

    boost::asio::io_context loop;
    std::vector<std::string> troubles;
    std::unique_ptr<store::database> db;

private:
    temporary_directory directory_;
    store::settings options_;
};

inline store::outgoing to(store::instance_id whom, std::uint64_t id, std::string chat, std::string text,
                          std::uint32_t event = 0, bool handed = false) {
    store::outgoing made;
    made.event = event;
    made.handed = handed;
    made.to = whom;
    made.what.id = id;
    made.what.message.chat = std::move(chat);
    made.what.message.text = std::move(text);
    return made;
}

inline store::commit_job commit_of(store::instance_id from, std::vector<message::event> events,
                                   std::vector<store::outgoing> deliveries = {},
                                   std::vector<message::kv_write> writes = {}) {
    store::commit_job made;
    made.from = from;
    made.unix_ms = 1'700'000'000'000;
    made.events = std::move(events);
    made.deliveries = std::move(deliveries);
    made.writes = std::move(writes);
    return made;
}

inline store::load_job load_of(store::instance_id whom) {
    store::load_job made;
    made.to = whom;
    return made;
}

inline store::kv_job key_of(store::instance_id whom, std::string key) {
    store::kv_job made;
    made.of = whom;
    made.key = std::move(key);
    return made;
}

inline store::mark_job mark_of(store::instance_id whom, std::vector<store::progress> marks) {
    store::mark_job made;
    made.to = whom;
    made.marks = std::move(marks);
    return made;
}

inline store::record_job record_of(store::instance_id whom, std::string chat, std::uint64_t id, std::int32_t outcome,
                                   std::int64_t unix_ms = 1'700'000'000'000) {
    store::record_job made;
    made.to = whom;
    made.chat = std::move(chat);
    made.id = id;
    made.outcome = outcome;
    made.unix_ms = unix_ms;
    return made;
}

}  // namespace gateway::test
