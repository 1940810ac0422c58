// Random events against the lanes, with a journal that answers later and a host that may die at any point. The checks
// are what the message plane promises: order per chat, one at a time, one final outcome for each delivery, nothing
// handed over twice without saying so.
#include "route/lanes.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace gateway;
using namespace std::chrono_literals;
using route::actions;
using route::lanes;

namespace {

constexpr std::uint32_t max_run = 3;
constexpr std::int64_t unix_start = 1'700'000'000'000;

struct row {
    std::uint32_t attempt = 0;
    bool handed = false;
    bool repeated = false;
    std::int64_t created = 0;
};

// What the outside world saw of a delivery.
struct fate {
    std::pair<std::uint32_t, std::string> lane;
    bool committed = false;
    bool perhaps_sent = false;    // an attempt ended without an outcome that is known, and known after a crash
    bool crashed_marked = false;  // its mark was in the journal when the host died
    int ended_in_life = 0;        // of the host; not recorded yet
    bool was_sent = false;
    int ends = 0;  // recorded
};

class world {
public:
    explicit world(unsigned seed) : random_(seed) { start_host(); }

    void step() {
        switch (random_() % 16) {
            case 0:
            case 1:
            case 2:
                return submit();
            case 3:
                return random_() % 4 == 0 ? go_offline() : go_online();
            case 4:
                return random_() % 8 == 0 ? close() : go_online();
            case 5:
                return pass(std::chrono::milliseconds(random_() % 3000));
            case 6:
                return random_() % 40 == 0 ? crash() : run_job();
            case 7:
                return random_() % 20 == 0 ? pass(20s) : run_post();
            case 8:
            case 9:
            case 10:
                return run_post();
            case 11:
            case 12:
                return answer();
            default:
                return run_job();
        }
    }

    // Everything works from now on: each delivery must come to its end.
    void settle() {
        is_settling_ = disk_works_ = true;
        for (int i = 0; i < 100'000 && (queue_->pending() > 0 || !jobs_.empty()); ++i) {
            go_online(0);
            go_online(1);
            while (!jobs_.empty()) {
                run_job();
            }
            while (!posts_.empty()) {
                run_post();
            }
            while (!in_flight_.empty()) {
                receipt(in_flight_.begin()->first, GW_OUTCOME_SENT);
            }
            pass(1s);
        }
        CHECK(queue_->pending() == 0);
        CHECK(queue_->lane_count(0) + queue_->lane_count(1) == 0);
        CHECK(rows_.empty());
        for (const auto& [id, each] : fates_) {
            CAPTURE(id);
            CHECK(each.ends == (each.committed ? 1 : 0));
        }
    }

    std::uint64_t handed = 0;
    std::uint64_t repeated = 0;
    std::uint64_t passed_over = 0;

private:
    using lane_key = std::pair<std::uint32_t, std::string>;

    std::uint32_t slot() { return random_() % 2; }
    [[nodiscard]] std::int64_t unix_ms() const {
        return unix_start + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - lanes::time_point{}).count();
    }

    void start_host() {
        ++life_;
        queue_ = std::make_unique<lanes>(route::lane_settings{.max_in_flight = 3,
                                                              .max_run = max_run,
                                                              .ahead_bytes = 100,
                                                              .ahead_below = 1s,
                                                              .max_attempts = 6,
                                                              .ttl = 60s,
                                                              .receipt_timeout = 40s,
                                                              .retry_max = 8s,
                                                              .sweep_every = 5s});
        for (std::uint32_t each : {0U, 1U}) {
            queue_->add_instance(each);
            disturb(each);
            job([this, each] {
                std::map<std::string, store::waiting_lane> found;
                for (const auto& [key, content] : rows_) {
                    if (key.first.first == each) {
                        auto& lane = found[key.first.second];
                        lane.chat = key.first.second;
                        lane.deliveries.push_back(waiting(key.second, content));
                    }
                }
                std::vector<store::waiting_lane> all;
                for (auto& [chat, lane] : found) {
                    all.push_back(std::move(lane));
                }
                queue_->loaded(each, all, now_, unix_ms(), done_);
            });
        }
    }

    // The host dies: what was not committed is lost, what was handed over is anybody's guess.
    void crash() {
        jobs_.clear();
        posts_.clear();
        done_.clear();
        for (const auto& [id, where] : in_flight_) {
            fates_[id].perhaps_sent = true;
        }
        marked_.clear();
        for (const auto& [key, content] : rows_) {
            fates_[key.second].crashed_marked |= content.handed;
        }
        for (auto& [id, each] : fates_) {
            each.perhaps_sent = each.perhaps_sent || (each.was_sent && each.ends == 0);
        }
        in_flight_.clear();
        start_host();
    }

    // One in four is too large to be marked ahead of its turn.
    static std::size_t bytes_of(std::uint64_t id) { return id % 4 == 0 ? 101 : 100; }

    static store::waiting waiting(std::uint64_t id, const row& of) {
        return {{id, of.attempt, of.handed, of.repeated}, of.created, bytes_of(id)};
    }

    static message::delivery content(const lane_key& lane, std::uint64_t id) {
        message::delivery made;
        made.id = id;
        made.message.chat = lane.second;
        return made;
    }

    void job(std::function<void()> what) { jobs_.push_back(std::move(what)); }

    void run_job() {
        if (!jobs_.empty()) {
            auto next = std::move(jobs_.front());
            jobs_.pop_front();
            next();
            carry_out();
        }
    }

    void run_post() {
        if (!posts_.empty()) {
            auto next = std::move(posts_.front());
            posts_.pop_front();
            next();
            carry_out();
        }
    }

    void submit() {
        const lane_key lane{slot(), std::string(1, static_cast<char>('a' + random_() % 4))};
        const auto id = next_id_++;
        fates_[id].lane = lane;
        const bool is_marked = queue_->submitted(lane.first, lane.second, id, bytes_of(id), now_);
        if (is_marked) {
            note_mark(lane, id, 0);
        }
        const auto created = unix_ms();
        job([this, lane, id, is_marked, created] {
            if (!disk_works_ || random_() % 8 == 0) {  // the disk, or a duplicate
                marked_.erase(id);
                queue_->withdrawn(lane.first, lane.second, id, now_, done_);
                return;
            }
            fates_[id].committed = true;
            rows_[{lane, id}] = {is_marked ? 1U : 0U, is_marked, false, created};
            queue_->committed(lane.first, content(lane, id), now_, done_);
        });
    }

    void hand_over(const lane_key& lane, std::uint64_t id) {
        const auto what = queue_->take(lane.first, id, now_);
        if (what == nullptr) {
            return;
        }
        REQUIRE(what->id == id);
        REQUIRE(what->message.chat == lane.second);
        const bool is_repeated = what->flags == GW_DELIVERY_REPEATED;
        auto& its = fates_.at(id);
        ++handed;
        repeated += is_repeated ? 1 : 0;
        // Order: whatever was committed before it in this chat has come to its end. One at a time.
        for (const auto& [other, content] : fates_) {
            if (other < id && content.lane == lane && content.committed) {
                REQUIRE((content.ends == 1 || content.ended_in_life == life_));
            }
        }
        REQUIRE(its.committed);
        REQUIRE(its.ends == 0);
        REQUIRE(rows_.at({lane, id}).handed);
        REQUIRE_FALSE(in_flight_.contains(id));
        for (const auto& [other, where] : in_flight_) {
            REQUIRE(where != lane);
        }
        // Said of all that may have been sent, and of nothing else; but a crash leaves marks that nobody needed.
        REQUIRE(is_repeated == rows_.at({lane, id}).repeated);
        REQUIRE(is_repeated >= its.perhaps_sent);
        REQUIRE(is_repeated <= (its.perhaps_sent || its.crashed_marked));
        in_flight_.emplace(id, lane);
        started_[id] = now_;
        std::size_t of_instance = 0;
        for (const auto& [other, where] : in_flight_) {
            of_instance += where.first == lane.first ? 1 : 0;
        }
        REQUIRE(of_instance <= 3);
    }

    void answer() {
        if (in_flight_.empty()) {
            return;
        }
        auto at = in_flight_.begin();
        std::advance(at, random_() % in_flight_.size());
        constexpr std::int32_t outcomes[] = {GW_OUTCOME_SENT, GW_OUTCOME_SENT, GW_OUTCOME_FAILED, GW_OUTCOME_RETRY,
                                             GW_OUTCOME_UNKNOWN};
        receipt(at->first, outcomes[random_() % std::size(outcomes)]);
    }

    void receipt(std::uint64_t id, std::int32_t outcome) {
        const auto lane = in_flight_.at(id);
        message::receipt what;
        what.delivery = id;
        what.outcome = outcome;
        what.retry_after_ms = random_() % 2 == 0 ? 0 : random_() % 5000;
        what.scope = random_() % 4 == 0 ? GW_SCOPE_INSTANCE : GW_SCOPE_CHAT;
        in_flight_.erase(id);
        fates_[id].perhaps_sent = fates_[id].perhaps_sent || outcome == GW_OUTCOME_UNKNOWN;
        if (outcome == GW_OUTCOME_UNKNOWN) {
            marked_.erase(id);
        }
        if (outcome == GW_OUTCOME_RETRY && what.scope == GW_SCOPE_INSTANCE) {
            disturb(lane.first);
        }
        if (outcome == GW_OUTCOME_UNKNOWN || outcome == GW_OUTCOME_RETRY) {
            disturb(lane);
        }
        CHECK(queue_->receipt(lane.first, std::move(what), now_, done_));
        carry_out();
    }

    void go_online() { go_online(slot()); }
    void go_online(std::uint32_t which) {
        queue_->online(which, now_, done_);
        carry_out();
    }

    void close() {
        const auto which = slot();
        disturb(which);
        queue_->closing(which, done_);
        carry_out();
    }

    void go_offline() {
        const auto which = slot();
        disturb(which);
        std::erase_if(in_flight_, [&](const auto& each) {
            if (each.second.first == which) {
                fates_[each.first].perhaps_sent = true;
                marked_.erase(each.first);
            }
            return each.second.first == which;
        });
        queue_->offline(which, now_, done_);
        carry_out();
    }

    void pass(std::chrono::milliseconds time) {
        now_ += time;
        disk_works_ = is_settling_ || random_() % 4 != 0;
        queue_->tick(now_, done_);
        // What was not answered for so long is answered never, and given up by the lanes sooner or later.
        std::erase_if(in_flight_, [&](const auto& each) {
            const bool too_late = started_.at(each.first) + 40s <= now_;
            if (too_late) {
                fates_[each.first].perhaps_sent = true;
                marked_.erase(each.first);
            }
            return too_late;
        });
        carry_out();
    }

    void carry_out() {
        for (auto& each : std::exchange(done_, {})) {
            std::visit([this](auto& what) { carry_out(what); }, each);
        }
    }

    void carry_out(const route::mark_action& what) {
        for (const auto& each : what.marks) {
            note_mark({what.slot, what.chat}, each.id, what.run);
        }
        job([this, what] {
            std::vector<std::unique_ptr<message::delivery>> contents;
            for (const auto& each : what.marks) {
                if (write(what.slot, what.chat, each)) {
                    contents.push_back(std::make_unique<message::delivery>(content({what.slot, what.chat}, each.id)));
                    continue;
                }
                disturb(what.slot);
                if (const auto its = marked_.find(each.id); its != marked_.end() && its->second.second == what.run) {
                    marked_.erase(its);
                }
                queue_->mark_failed(what.slot, what.chat, each.id, what.run, disk_works_, now_, done_);
            }
            queue_->marked(what.slot, what.chat, what.run, std::move(contents), now_, done_);
        });
    }

    void carry_out(const route::unmark_action& what) {
        for (const auto& each : what.marks) {
            marked_.erase(each.id);
        }
        job([this, what] {
            for (const auto& each : what.marks) {
                write(what.slot, what.chat, each);
            }
        });
    }

    bool write(std::uint32_t slot, const std::string& chat, const store::progress& how) {
        const auto found = rows_.find({{slot, chat}, how.id});
        if (found == rows_.end() || !disk_works_) {
            return false;
        }
        found->second.attempt = how.attempt;
        found->second.handed = how.handed;
        found->second.repeated = how.repeated;
        return true;
    }

    void carry_out(const route::deliver_action& what) {
        const auto lane = fates_.at(what.id).lane;
        REQUIRE(lane.first == what.slot);
        posts_.push_back([this, lane, id = what.id] { hand_over(lane, id); });
    }

    void carry_out(const route::record_action& what) {
        // Told once in a life of the host; a crash before the commit lets the next life come to an end of its own.
        REQUIRE(fates_[what.id].ended_in_life != life_);
        fates_[what.id].ended_in_life = life_;
        fates_[what.id].was_sent = what.outcome == GW_OUTCOME_SENT;
        marked_.erase(what.id);
        turns_[{what.slot, what.chat}].clear();
        record(what);
    }

    void record(const route::record_action& what) {
        job([this, what] {
            if (!disk_works_) {
                record(what);
                return;
            }
            REQUIRE(rows_.erase({{what.slot, what.chat}, what.id}) == 1);
            ++fates_[what.id].ends;
        });
    }

    // A lane's deliveries are marked in their order, so many at a time, in so many lanes.
    void note_mark(const lane_key& lane, std::uint64_t id, std::uint32_t mark) {
        std::set<lane_key> lanes_marked{lane};
        std::size_t of_lane = 1;
        for (const auto& [other, its] : marked_) {
            const auto& where = its.first;
            REQUIRE(other != id);
            of_lane += where == lane ? 1 : 0;
            if (where == lane) {
                REQUIRE(other < id);
                REQUIRE(bytes_of(id) <= 100);
            }
            if (where.first == lane.first) {
                lanes_marked.insert(where);
            }
        }
        REQUIRE(of_lane <= max_run);
        REQUIRE(lanes_marked.size() <= 3);
        marked_.emplace(id, std::pair{lane, mark});
        turns_[lane].clear();
        disturbed_.erase(lane);
        if (of_lane == 1) {
            check_turn(lane);
        }
    }

    // Others that wait are passed over once at most: by a lane that has waited for longer.
    void check_turn(const lane_key& lane) {
        std::set<lane_key> waiting;
        for (const auto& [id, its] : fates_) {
            if (its.committed && its.ends == 0 && its.ended_in_life != life_ && its.lane.first == lane.first) {
                waiting.insert(its.lane);
            }
        }
        for (const auto& [id, its] : marked_) {
            waiting.erase(its.first);
        }
        for (const auto& each : waiting) {
            if (!disturbed_.contains(each)) {
                REQUIRE(++turns_[each][lane] == 1);
                ++passed_over;
            }
        }
    }

    // These lanes may be paused or not know what they hold, until they start again.
    void disturb(const lane_key& lane) {
        disturbed_.insert(lane);
        turns_[lane].clear();
    }
    void disturb(std::uint32_t which) {
        for (char chat = 'a'; chat <= 'd'; ++chat) {
            disturb({which, std::string(1, chat)});
        }
    }

    std::mt19937 random_;
    std::unique_ptr<lanes> queue_;
    lanes::time_point now_ = lanes::time_point{} + 1h;
    actions done_;
    int life_ = 0;
    bool disk_works_ = true;
    bool is_settling_ = false;
    std::uint64_t next_id_ = 1;
    std::deque<std::function<void()>> jobs_;   // of the journal, in order
    std::deque<std::function<void()>> posts_;  // on the loop
    std::map<std::pair<lane_key, std::uint64_t>, row> rows_;
    std::map<std::uint64_t, fate> fates_;
    std::map<std::uint64_t, lane_key> in_flight_;
    std::map<std::uint64_t, lanes::time_point> started_;
    std::set<lane_key> disturbed_;
    std::map<lane_key, std::map<lane_key, int>> turns_;                   // of others, while this one waited
    std::map<std::uint64_t, std::pair<lane_key, std::uint32_t>> marked_;  // or about to be; and by which mark
};

}  // namespace

TEST_CASE("lanes: whatever happens, order holds per chat and each delivery comes to exactly one end") {
    const auto first_seed = std::random_device{}();
    std::uint64_t handed = 0;
    std::uint64_t repeated = 0;
    std::uint64_t passed_over = 0;
    for (unsigned i = 0; i < 200; ++i) {
        const auto seed = first_seed + i;
        CAPTURE(seed);
        world all(seed);
        for (int step = 0; step < 2500; ++step) {
            all.step();
        }
        all.settle();
        handed += all.handed;
        repeated += all.repeated;
        passed_over += all.passed_over;
    }
    CHECK(handed > 1000);
    CHECK(repeated > 10);
    CHECK(passed_over > 100);
}
