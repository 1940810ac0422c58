// The stub's instances against a scripted host.
#include "stub_adapter.hpp"

#include "abi/fake_host.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gateway;
using test::fake_host;

// The module's own entry; the manifest stays with the module.
GATEWAY_ADAPTER(gateway::stub::adapter, "{}");

namespace {

struct instance {
    fake_host host{gateway_adapter_v1};

    // One incarnation up to where nothing happens without time.
    void start(std::string_view config) {
        REQUIRE(host.create(config, "rehearsal") == GW_OK);
        host.connect();
        host.settle();
    }
};

constexpr std::string_view echo = R"({"echo": true})";
constexpr std::string_view hello =
    R"({"say": {"chat": "lobby", "text": "hello", "every": "1s", "count": 3}, "lose_after": "1500ms"})";

}  // namespace

TEST_CASE_FIXTURE(instance, "stub: connects at once when nothing else is configured, without touching the store") {
    start("{}");
    CHECK(host.connected == "rehearsal");
    CHECK(host.submitted.empty());
    CHECK(host.operations.empty());
}

TEST_CASE_FIXTURE(instance, "stub: follows its connect script over incarnations") {
    constexpr std::string_view config =
        R"({"connect": ["fail:transient:dns", "fail:rate_limited:flood:5s", "hang", "ok"]})";
    start(config);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_TRANSIENT);
    CHECK(host.lost[0].code == "dns");
    CHECK(host.lost[0].retry_after_ms == GW_NO_RETRY_AFTER);
    start(config);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_RATE_LIMITED);
    CHECK(host.lost[0].retry_after_ms == 5'000);
    start(config);
    CHECK(host.lost.empty());
    CHECK_FALSE(host.connected);
    start(config);
    CHECK(host.connected);
    start(config);
    CHECK(host.connected);
}

TEST_CASE_FIXTURE(instance, "stub: its place is committed before the entry is acted on, so that a crash skips it") {
    constexpr std::string_view config = R"({"connect": ["fail:transient:dns", "ok"]})";
    REQUIRE(host.create(config) == GW_OK);
    host.connect();
    REQUIRE(host.complete_next(GW_COMPLETION_KV));
    CHECK(host.lost.empty());
    CHECK(host.pending(GW_COMPLETION_COMMIT) != nullptr);
    start(config);  // The first incarnation died between the two.
    CHECK(host.connected);
}

TEST_CASE_FIXTURE(instance, "stub: a place that cannot be read or stored is a failure, not a guess") {
    REQUIRE(host.create(R"({"connect": ["hang", "ok"]})") == GW_OK);
    host.connect();
    SUBCASE("read") {
        REQUIRE(host.complete_next(GW_COMPLETION_KV, GW_ERR_IO));
    }
    SUBCASE("stored") {
        REQUIRE(host.complete_next(GW_COMPLETION_KV));
        REQUIRE(host.complete_next(GW_COMPLETION_COMMIT, GW_ERR_IO));
    }
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_INTERNAL);
    CHECK(host.lost[0].code == "store");
}

TEST_CASE_FIXTURE(instance, "stub: cannot be created when told so, nor from a table it does not understand") {
    CHECK(host.create(R"({"create": "fail"})") == GW_ERR_CONFIG);
    CHECK(host.log.back() == "create: is \"fail\", not \"ok\"");
    CHECK(host.create(R"({"create": "perhaps"})") == GW_ERR_CONFIG);
    CHECK(host.create("no JSON") == GW_ERR_CONFIG);
}

TEST_CASE_FIXTURE(instance, "stub: loses its connection so long after it came online") {
    start(R"({"lose_after": "2s", "lose": "conflict:other_poll"})");
    host.advance(1'999);
    CHECK(host.lost.empty());
    host.advance(1);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_CONFLICT);
    CHECK(host.lost[0].code == "other_poll");
}

TEST_CASE_FIXTURE(instance,
                  "stub: a stall loses nothing that anybody could see: no receipts, no events, still online") {
    start(R"({"lose_after": "2s", "lose": "stall", "echo": true,
              "say": {"chat": "lobby", "text": "hello", "every": "1500ms"}})");
    host.advance(2'000);
    CHECK(host.journal.size() == 1);
    host.deliver(1, "lobby", "anybody?");
    host.advance(10'000);
    CHECK(host.lost.empty());
    CHECK(host.receipts.empty());
    CHECK(host.journal.size() == 1);
    host.close();
    CHECK(host.closed == 1);
}

TEST_CASE_FIXTURE(instance, "stub: takes deliveries without answering when it is no echo") {
    start("{}");
    host.deliver(5, "lobby", "hello");
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_SENT);
    CHECK(host.receipts[0].message_ids == std::vector<std::string>{"message-5"});
    CHECK(host.submitted.empty());
}

TEST_CASE_FIXTURE(instance, "stub: the receipt comes after the answer is committed") {
    start(echo);
    host.deliver(5, "lobby", "hello", "m1");
    CHECK(host.receipts.empty());
    host.settle();
    REQUIRE(host.journal.size() == 1);
    CHECK(host.journal[0].text == "hello");
    CHECK(host.journal[0].chat == "lobby");
    CHECK(host.journal[0].thread == "7");
    CHECK(host.journal[0].reply_to == "m1");
    CHECK((host.journal[0].sender_flags & GW_SENDER_SELF) == 0);
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].delivery == 5);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_SENT);
}

TEST_CASE_FIXTURE(instance,
                  "stub: a delivery that is repeated after a crash is receipted again but not answered twice") {
    start(echo);
    host.deliver(5, "lobby", "hello");
    REQUIRE(host.complete_next(GW_COMPLETION_COMMIT));
    start(echo);
    host.deliver(5, "lobby", "hello", {}, GW_DELIVERY_REPEATED);
    host.settle();
    CHECK(host.journal.size() == 1);
    CHECK(host.receipts.size() == 2);
}

TEST_CASE_FIXTURE(instance, "stub: an answer that could not be stored leaves the delivery to be repeated") {
    start(echo);
    host.deliver(5, "lobby", "hello");
    REQUIRE(host.complete_next(GW_COMPLETION_COMMIT, GW_ERR_IO));
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_RETRY);
}

TEST_CASE_FIXTURE(instance, "stub: waits while the host is busy, and keeps the order") {
    start(echo);
    host.answers["submit"] = {GW_ERR_BUSY, GW_ERR_BUSY};
    host.deliver(1, "a", "one");
    host.deliver(2, "b", "two");
    CHECK(host.submitted.empty());
    CHECK(host.pending_count(GW_COMPLETION_TIMER) == 1);
    host.advance(100);
    CHECK(host.submitted.empty());
    host.advance(100);
    REQUIRE(host.journal.size() == 2);
    CHECK(host.journal[0].text == "one");
    CHECK(host.journal[1].text == "two");
    CHECK(host.receipts.size() == 2);
    CHECK(host.pending_count(GW_COMPLETION_TIMER) == 0);
}

TEST_CASE_FIXTURE(instance, "stub: what waits for a busy host is bounded") {
    start(echo);
    host.answers["submit"].assign(1, GW_ERR_BUSY);
    for (std::uint64_t id = 1; id <= stub::adapter::max_waiting + 1; ++id) {
        host.deliver(id, "lobby", "hello");
    }
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].delivery == stub::adapter::max_waiting + 1);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_RETRY);
}

TEST_CASE_FIXTURE(instance, "stub: closes after the answers that the host has taken are receipted") {
    start(echo);
    host.answers["submit"] = {GW_OK, GW_ERR_BUSY};
    host.deliver(1, "a", "one");
    host.deliver(2, "b", "two");
    host.close();
    CHECK(host.closed == 0);
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].delivery == 2);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_RETRY);
    REQUIRE(host.complete_next(GW_COMPLETION_COMMIT));
    CHECK(host.receipts.size() == 2);
    CHECK(host.closed == 1);
}

TEST_CASE_FIXTURE(instance, "stub: speaks at its pace, over incarnations, and never says a thing twice") {
    start(hello);
    host.advance(999);
    CHECK(host.journal.empty());
    host.advance(501);
    CHECK(host.journal.size() == 1);
    CHECK(host.lost.size() == 1);
    start(hello);
    host.advance(1'500);
    start(hello);
    host.advance(1'400);
    REQUIRE(host.journal.size() == 3);
    CHECK(host.journal[2].chat == "lobby");
    CHECK(host.journal[2].text == "hello");
    start(hello);
    host.advance(1'400);
    CHECK(host.journal.size() == 3);
    CHECK(host.submitted.size() == 3);
}

TEST_CASE_FIXTURE(instance, "stub: speaks for ever without a count, and does not drift") {
    start(R"({"say": {"chat": "lobby", "text": "hello", "every": "1s"}})");
    host.advance(10'000);
    CHECK(host.journal.size() == 10);
}

TEST_CASE_FIXTURE(instance, "stub: names the chat it speaks in for the directory") {
    start(hello);
    host.refresh_directory();
    host.settle();
    REQUIRE(host.journal.size() == 1);
    CHECK(host.journal[0].kind == GW_EVENT_CHAT);
    CHECK(host.journal[0].id == "lobby");
}

TEST_CASE_FIXTURE(instance, "stub: can be destroyed at any time, whatever is pending") {
    start(hello);
    host.refresh_directory();
    host.deliver(1, "a", "one");
    host.destroy();
    CHECK(host.closed == 0);
}

TEST_CASE("stub: an idle instance is small") {
    CHECK(sizeof(stub::adapter) < 512);
}
