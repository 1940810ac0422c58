// A disk that is full: the process may not write beyond a size (RLIMIT_FSIZE), as with a quota.
#include "store_fixture.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/resource.h>

using namespace gateway;
using namespace gateway::test;

namespace {

class full_disk {
public:
    explicit full_disk(rlim_t bytes) {
        before_handler_ = ::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        set(bytes);
    }
    ~full_disk() {
        set(before_.rlim_cur);
        ::signal(SIGXFSZ, before_handler_);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;

private:
    void set(rlim_t bytes) const {
        const rlimit limit{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }

    rlimit before_{};
    void (*before_handler_)(int) = nullptr;
};

store::commit_job large(store::instance_id from, const std::string& id) {
    return commit_of(from, {said("1", std::string(60'000, 'x'), id)}, {}, {{"cursor", id}});
}

}  // namespace

TEST_CASE("store: with a full disk jobs fail and are told so, trouble is told once, and all works when there is room") {
    store_world world;
    const auto tg = world.db->instance("tg");
    CHECK(world.run(large(tg, "before")).status == GW_OK);
    {
        const full_disk now(300'000);
        int failed = 0;
        for (int i = 0; i < 20; ++i) {
            const auto status = world.run(large(tg, std::to_string(i))).status;
            CHECK((status == GW_OK || status == GW_ERR_IO));
            failed += status == GW_ERR_IO ? 1 : 0;
        }
        CHECK(failed > 5);
        CHECK(world.run(key_of(tg, "cursor")).status == GW_OK);  // reading goes on
        REQUIRE(world.troubles.size() == 1);
        CHECK(world.troubles[0].starts_with("cannot use "));
        CHECK(world.troubles[0].find(world.file().string()) != std::string::npos);
    }
    CHECK(world.run(large(tg, "after")).status == GW_OK);
    REQUIRE(world.troubles.size() == 2);
    CHECK(world.troubles[1].empty());
    CHECK(world.run(key_of(tg, "cursor")).value == "after");
    CHECK(world.run(large(tg, "before")).duplicates[0]);
}

TEST_CASE("store: what a full disk refused left nothing behind, what it took is there after a restart") {
    store_world world;
    const auto tg = world.db->instance("tg");
    std::vector<bool> taken;
    {
        const full_disk now(400'000);
        const auto unheard_of = world.db->instance("new");  // its name comes with the first commit that works
        for (int i = 0; i < 20; ++i) {
            const auto id = std::to_string(i);
            taken.push_back(world.run(large(i % 2 == 0 ? tg : unheard_of, id)).status == GW_OK);
        }
    }
    world.reopen();
    int refused = 0;
    for (int i = 0; i < 20; ++i) {
        CAPTURE(i);
        const auto from = world.db->instance(i % 2 == 0 ? "tg" : "new");
        const bool is_there = world.run(large(from, std::to_string(i))).duplicates[0];
        CHECK(is_there == taken[static_cast<std::size_t>(i)]);
        refused += is_there ? 0 : 1;
    }
    CHECK(refused > 0);
    CHECK(refused < 20);
}

TEST_CASE("store: in a group that the disk is too small for, small jobs still get through") {
    store_world world;
    const auto tg = world.db->instance("tg");
    CHECK(world.run(commit_of(tg, {}, {}, {{"k", "0"}})).status == GW_OK);
    std::vector<gw_status> ends;
    const auto queue = [&](store::commit_job job) {
        world.db->run(std::make_unique<store::commit_job>(std::move(job)),
                      [&](store::commit_job& done) { ends.push_back(done.status); });
    };
    {
        const full_disk now(200'000);
        auto huge = commit_of(tg, {});
        for (int i = 0; i < 10; ++i) {
            huge.events.push_back(said("1", std::string(60'000, 'x')));
        }
        queue(commit_of(tg, {}, {}, {{"k", "1"}}));
        queue(std::move(huge));
        queue(commit_of(tg, {}, {}, {{"k", "2"}}));
        world.settle();
    }
    CHECK(ends == std::vector<gw_status>{GW_OK, GW_ERR_IO, GW_OK});
    CHECK(world.run(key_of(tg, "k")).value == "2");
}

TEST_CASE("store: delivery ids given out while the disk was full are not given again after a restart") {
    store_world world;
    const auto echo = world.db->instance("echo");
    std::uint64_t last = 0;
    const auto commit = [&](std::size_t bytes) {
        last = world.db->new_delivery_id();
        return world.run(commit_of(echo, {said("1", std::string(bytes, 'x'))}, {to(echo, last, "c", "x")})).status;
    };
    CHECK(commit(10) == GW_OK);
    {
        const full_disk now(100'000);
        while (world.db->new_delivery_id() < 2000) {
        }
        CHECK(commit(60'000) == GW_ERR_IO);
    }
    CHECK(commit(10) == GW_OK);
    world.reopen();
    CHECK(world.db->new_delivery_id() > last);
}
