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
    std::map<std::pair<store::instance_id, std::string>, std::map<std::uint64_t, row>> outbox;  // by lane
    std::uint64_t commits = 0;
    std::uint64_t prunes = 0;
    std::uint64_t refills = 0;

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
        for (const auto& [lane, rows] : outbox) {
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
    void run(std::unique_ptr<store::unmark_job> job, store::handler<store::unmark_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::record_job> job, store::handler<store::record_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::load_job> job, store::handler<store::load_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::refill_job> job, store::handler<store::refill_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::kv_job> job, store::handler<store::kv_job> done) override {
        queue(std::move(job), std::move(done));
    }
    void run(std::unique_ptr<store::prune_job> job, store::handler<store::prune_job> done) override {
        queue(std::move(job), std::move(done));
    }

private:
    using lane_key = std::pair<store::instance_id, std::string>;

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
                outbox[{made.to, made.what.message.chat}][made.what.id] = {job.unix_ms, made.handed ? 1U : 0U,
                                                                           made.handed, false, made.what};
            }
        }
    }

    row* find(store::instance_id to, const std::string& chat, std::uint64_t id) {
        const auto lane = outbox.find({to, chat});
        if (lane == outbox.end()) {
            return nullptr;
        }
        const auto found = lane->second.find(id);
        return found != lane->second.end() ? &found->second : nullptr;
    }

    void apply(store::mark_job& job) {
        auto* found = find(job.to, job.chat, job.id);
        job.status = broken ? GW_ERR_IO : found == nullptr ? GW_ERR_NOT_FOUND : GW_OK;
        if (job.status == GW_OK) {
            found->attempt = job.attempt;
            found->handed = true;
            found->repeated = job.repeated;
            job.what = found->what;
            job.what.attempt = job.attempt;
            job.what.flags = job.repeated ? GW_DELIVERY_REPEATED : 0;
        }
    }

    void apply(store::unmark_job& job) {
        auto* found = find(job.to, job.chat, job.id);
        job.status = broken ? GW_ERR_IO : found == nullptr ? GW_ERR_NOT_FOUND : GW_OK;
        if (job.status == GW_OK) {
            found->attempt = job.attempts;
            found->handed = false;
            found->repeated = job.repeated;
        }
    }

    void apply(store::record_job& job) {
        auto* found = find(job.to, job.chat, job.id);
        job.status = broken ? GW_ERR_IO : found == nullptr ? GW_ERR_NOT_FOUND : GW_OK;
        if (job.status != GW_OK) {
            return;
        }
        if (keeps_ends) {
            finished.push_back({job.id, job.outcome, job.message_id, job.code});
        }
        const auto lane = outbox.find({job.to, job.chat});
        lane->second.erase(job.id);
        if (lane->second.empty()) {
            outbox.erase(lane);
        }
    }

    static std::vector<store::waiting> some(const std::map<std::uint64_t, row>& rows, std::uint64_t after,
                                            std::size_t most) {
        std::vector<store::waiting> found;
        for (auto at = rows.upper_bound(after); at != rows.end() && found.size() < most; ++at) {
            const auto& each = at->second;
            found.push_back({at->first, each.created_unix_ms, each.attempt, each.handed, each.repeated,
                             store::content_bytes(each.what.message)});
        }
        return found;
    }

    void apply(store::load_job& job) {
        job.status = broken ? GW_ERR_IO : GW_OK;
        job.lanes.clear();
        for (auto at = outbox.lower_bound({job.to, {}}); !broken && at != outbox.end() && at->first.first == job.to;
             ++at) {
            job.lanes.push_back({at->first.second, at->second.size(), some(at->second, 0, job.window)});
        }
    }

    void apply(store::refill_job& job) {
        ++refills;
        job.status = broken ? GW_ERR_IO : GW_OK;
        const auto lane = outbox.find({job.to, job.chat});
        job.next =
            broken || lane == outbox.end() ? std::vector<store::waiting>() : some(lane->second, job.after, job.window);
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
