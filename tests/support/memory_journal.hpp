// A journal in memory, for tests of what stands on it and for measuring what a message costs without the disk.
//
// Jobs take effect on the loop, one posted function each, in the order of the calls. A test may hold them back, make
// the disk fail, and "restart" by giving the same contents to a new message plane.
#pragma once

#include "message/bounds.hpp"
#include "store/journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gateway::test {

class memory_journal final : public store::journal {
public:
    struct row {
        std::int64_t created_unix_ms = 0;
        std::uint32_t attempt = 0;
        bool handed = false;
        bool repeated = false;
        message::delivery what;
    };
    struct end {
        std::uint64_t id = 0;
        std::int32_t outcome = 0;
        std::string message_id;
        std::string code;
    };

    explicit memory_journal(boost::asio::io_context& loop) : loop_(loop) {}

    bool broken = false;     // every write fails
    bool keeps_ends = true;  // in `finished`
    std::vector<end> finished;
    std::map<store::instance_id, std::map<std::uint64_t, row>> outbox;
    std::uint64_t commits = 0;
    std::uint64_t prunes = 0;

    // Holds jobs back until `release`.
    void hold() { holding_ = true; }
    void release() {
        holding_ = false;
        for (auto& each : std::exchange(held_, {})) {
            boost::asio::post(loop_, std::move(each));
        }
    }

    [[nodiscard]] std::uint64_t waiting() const {
        std::uint64_t count = 0;
        for (const auto& [instance, rows] : outbox) {
            count += rows.size();
        }
        return count;
    }

    [[nodiscard]] store::instance_id instance(std::string_view name) override {
        return names_.try_emplace(std::string(name), static_cast<store::instance_id>(names_.size() + 1)).first->second;
    }
    [[nodiscard]] std::uint64_t new_delivery_id() override { return next_id_++; }

    void run(std::unique_ptr<store::commit_job> job, store::handler<store::commit_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::mark_job> job, store::handler<store::mark_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::record_job> job, store::handler<store::record_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::load_job> job, store::handler<store::load_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::kv_job> job, store::handler<store::kv_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::prune_job> job, store::handler<store::prune_job> done) override {
        queue(std::move(job), std::move(done));
    }

private:
    template <class Job>
    void queue(std::unique_ptr<Job> job, store::handler<Job> done) {
        if (!holding_) {
            boost::asio::post(loop_, [this, job = std::move(job), done = std::move(done)] {
                apply(*job);
                done(*job);
            });
            return;
        }
        held_.push_back([this, job = std::shared_ptr<Job>(std::move(job)), done = std::move(done)] {
            apply(*job);
            done(*job);
        });
    }

    void apply(store::commit_job& job) {
        ++commits;
        job.duplicates.assign(job.events.size(), false);
        job.status = broken ? GW_ERR_IO : GW_OK;
        if (broken) {
            return;
        }
        auto keys = values_[job.from];
        for (auto& write : job.writes) {
            if (write.value) {
                keys[write.key] = *write.value;
            } else {
                keys.erase(write.key);
            }
        }
        if (keys.size() > message::max_instance_keys) {
            job.status = GW_ERR_LIMIT;
            return;
        }
        values_[job.from] = std::move(keys);
        for (std::size_t i = 0; i < job.events.size(); ++i) {
            const auto& id = job.events[i].dedupe_id;
            job.duplicates[i] = !id.empty() && !seen_[job.from].insert(id).second;
        }
        for (const auto& made : job.deliveries) {
            if (!job.duplicates[made.event]) {
                outbox[made.to][made.what.id] = {job.unix_ms, made.handed ? 1U : 0U, made.handed, false, made.what};
            }
        }
    }

    row* find(store::instance_id to, std::uint64_t id) {
        const auto rows = outbox.find(to);
        if (rows == outbox.end()) {
            return nullptr;
        }
        const auto found = rows->second.find(id);
        return found != rows->second.end() ? &found->second : nullptr;
    }

    void apply(store::mark_job& job) {
        job.status = broken ? GW_ERR_IO : GW_OK;
        for (const auto& each : job.marks) {
            auto* found = broken ? nullptr : find(job.to, each.id);
            auto& content = job.contents.emplace_back();
            if (found == nullptr) {
                continue;
            }
            found->attempt = each.attempt;
            found->handed = each.handed;
            found->repeated = each.repeated;
            if (each.handed) {
                content = std::make_unique<message::delivery>(found->what);
                content->attempt = each.attempt;
                content->flags = each.repeated ? GW_DELIVERY_REPEATED : 0;
            }
        }
    }

    void apply(store::record_job& job) {
        auto* found = find(job.to, job.id);
        job.status = broken ? GW_ERR_IO : found == nullptr ? GW_ERR_NOT_FOUND : GW_OK;
        if (job.status != GW_OK) {
            return;
        }
        if (keeps_ends) {
            finished.push_back({job.id, job.outcome, job.message_id, job.code});
        }
        const auto rows = outbox.find(job.to);
        rows->second.erase(job.id);
        if (rows->second.empty()) {
            outbox.erase(rows);
        }
    }

    void apply(store::load_job& job) {
        job.status = broken ? GW_ERR_IO : GW_OK;
        job.lanes.clear();
        const auto rows = outbox.find(job.to);
        if (broken || rows == outbox.end()) {
            return;
        }
        std::map<std::string, std::vector<store::waiting>> lanes;
        for (const auto& [id, each] : rows->second) {
            lanes[each.what.message.chat].push_back({{id, each.attempt, each.handed, each.repeated},
                                                     each.created_unix_ms,
                                                     store::content_bytes(each.what.message)});
        }
        for (auto& [chat, deliveries] : lanes) {
            job.lanes.push_back({chat, std::move(deliveries)});
        }
    }

    void apply(store::kv_job& job) {
        const auto& keys = values_[job.of];
        const auto found = keys.find(job.key);
        job.status = found == keys.end() ? GW_ERR_NOT_FOUND : GW_OK;
        job.value = found == keys.end() ? std::string() : found->second;
    }

    void apply(store::prune_job& job) {
        ++prunes;
        job.status = GW_OK;
    }

    boost::asio::io_context& loop_;
    bool holding_ = false;
    std::deque<std::function<void()>> held_;
    std::unordered_map<std::string, store::instance_id> names_;
    std::uint64_t next_id_ = 1;
    std::unordered_map<store::instance_id, std::unordered_set<std::string>> seen_;
    std::unordered_map<store::instance_id, std::map<std::string, std::string>> values_;
};

}  // namespace gateway::test
