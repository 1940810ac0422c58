// Operations and their callbacks, refusals, batches: host_handle against a scripted host.
#include "abi/face_probe.hpp"
#include "abi/fake_host.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

using namespace gateway;
using namespace std::chrono_literals;
using test::fake_host;
using test::probe;

namespace {

struct online {
    online() {
        probe::does = {};
        probe::does.on_deliver = [this](probe& it, const sdk::delivery_view&) { then(it); };
        host.create();
    }
    ~online() { probe::does = {}; }
    online(const online&) = delete;
    online& operator=(const online&) = delete;

    // Runs something inside a call to the instance.
    void within(std::function<void(probe&)> what) {
        then = std::move(what);
        host.deliver(1, "c", "t");
    }

    std::function<void(probe&)> then;
    fake_host host{gateway_adapter_v1};
};

gw_ws_event websocket_event(std::uint64_t op, std::int32_t event, std::string_view data) {
    gw_ws_event raw{};
    raw.base = {sizeof raw, GW_COMPLETION_WS, op, GW_OK, event == GW_WS_CLOSED ? 0 : GW_COMPLETION_MORE};
    raw.event = event;
    raw.data = sdk::to_gw_bytes(data);
    return raw;
}

}  // namespace

TEST_CASE_FIXTURE(online, "face: a timer's callback runs when it is due, and once") {
    int runs = 0;
    within([&](probe& it) { it.host().timer(2s, [&] { ++runs; }); });
    host.advance(1'999);
    CHECK(runs == 0);
    const std::uint64_t op = host.pending(GW_COMPLETION_TIMER)->op;
    host.advance(1);
    CHECK(runs == 1);
    within([](probe& it) { CHECK(it.host().pending() == 0); });
    host.complete({sizeof(gw_completion), GW_COMPLETION_TIMER, op, GW_OK, 0});
    CHECK(runs == 1);
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(online, "face: a cancelled timer's callback never runs, even when the cancelling lost the race") {
    int runs = 0;
    within([&](probe& it) { it.host().cancel(it.host().timer(2s, [&] { ++runs; })); });
    CHECK(host.cancelled.size() == 1);
    host.advance(10'000);
    CHECK(runs == 0);
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(online, "face: a cancelled request still tells what became of it") {
    std::optional<sdk::status> result;
    within([&](probe& it) {
        it.host().cancel(it.host().http({.url = "http://x/"}, [&](const sdk::http_response& r) { result = r.result; }));
    });
    CHECK_FALSE(result);
    host.complete_next(GW_COMPLETION_HTTP, GW_ERR_CANCELLED);
    CHECK(result == sdk::status::cancelled);
}

TEST_CASE_FIXTURE(online, "face: a commit cannot be cancelled and an unknown operation is ignored") {
    within([&](probe& it) { it.host().cancel(sdk::op_id{77}); });
    CHECK(host.cancelled.empty());
}

TEST_CASE_FIXTURE(online, "face: a response is read with its headers, whatever their stride") {
    std::string seen;
    within([&](probe& it) {
        it.host().http({.method = "POST", .url = "http://x/", .body = "b"}, [&](const sdk::http_response& response) {
            CHECK(response.answered());
            CHECK(response.http_status == 429);
            CHECK(response.headers.size() == 2);
            CHECK(response.header("retry-after") == "7");
            CHECK_FALSE(response.header("absent"));
            seen = response.body;
        });
    });
    CHECK(host.pending(GW_COMPLETION_HTTP)->what == "POST http://x/");
    struct grown_header {
        gw_http_header known;
        std::uint64_t more;
    };
    const std::array<grown_header, 2> headers{
        {{{sizeof(grown_header), 0, sdk::to_gw("server"), sdk::to_gw("x")}, 0x5555},
         {{sizeof(grown_header), 0, sdk::to_gw("retry-after"), sdk::to_gw("7")}, 0x5555}}};
    struct {
        gw_http_response known;
        std::uint64_t more;
    } raw{};
    raw.known.base = {sizeof raw, GW_COMPLETION_HTTP, host.pending(GW_COMPLETION_HTTP)->op, GW_OK, 0};
    raw.known.http_status = 429;
    raw.known.headers = {headers.data(), 2, sizeof(grown_header)};
    raw.known.body = sdk::to_gw_bytes("later");
    host.complete(raw.known.base);
    CHECK(seen == "later");
}

TEST_CASE_FIXTURE(online,
                  "face: a shorter completion reads as zero beyond its end, one shorter than its head is ignored") {
    int runs = 0;
    within([&](probe& it) {
        it.host().http({.url = "http://x/"}, [&](const sdk::http_response& response) {
            ++runs;
            CHECK(response.result == sdk::status::network);
            CHECK(response.http_status == 0);
            CHECK(response.body.empty());
            CHECK(response.headers.size() == 0);
        });
    });
    const std::uint64_t op = host.pending(GW_COMPLETION_HTTP)->op;
    host.complete({sizeof(gw_completion) - 8, GW_COMPLETION_HTTP, op, GW_ERR_NETWORK, 0});
    CHECK(runs == 0);
    host.complete({sizeof(gw_completion), GW_COMPLETION_HTTP, op, GW_ERR_NETWORK, 0});
    CHECK(runs == 1);
}

TEST_CASE_FIXTURE(online, "face: a completion of another kind than the operation's is the host's bug and is reported") {
    within([&](probe& it) { it.host().timer(1s, [] { FAIL("ran"); }); });
    gw_http_response raw{};
    raw.base = {sizeof raw, GW_COMPLETION_HTTP, host.pending(GW_COMPLETION_TIMER)->op, GW_OK, 0};
    host.complete(raw.base);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_INTERNAL);
}

TEST_CASE_FIXTURE(online,
                  "face: a connection's callback hears every event up to the last, whatever it starts meanwhile") {
    std::vector<std::string> heard;
    within([&](probe& it) {
        it.host().websocket({.url = "ws://x/"}, [&](const sdk::websocket_event& event) {
            heard.emplace_back(event.kind == sdk::websocket_event_kind::closed ? "closed" : event.data);
            for (int i = 0; i < 20; ++i) {  // Makes the table grow under the running callback.
                it.host().timer(1h, [] {});
            }
        });
    });
    const std::uint64_t op = host.pending(GW_COMPLETION_WS)->op;
    for (const char* text : {"one", "two"}) {
        const gw_ws_event raw = websocket_event(op, GW_WS_TEXT, text);
        host.complete(raw.base);
    }
    const gw_ws_event last = websocket_event(op, GW_WS_CLOSED, "");
    host.complete(last.base);
    host.complete(last.base);
    CHECK(heard == std::vector<std::string>{"one", "two", "closed"});
    within([](probe& it) { CHECK(it.host().pending() == 60); });  // the timers
}

TEST_CASE_FIXTURE(online, "face: a key-value read tells a missing key from an empty value") {
    host.kv["empty"] = "";
    std::vector<sdk::status> results;
    within([&](probe& it) {
        for (const char* key : {"empty", "missing"}) {
            it.host().kv_get(key, [&](const sdk::kv_value& value) {
                results.push_back(value.result);
                CHECK(value.value.empty());
            });
        }
    });
    host.settle();
    CHECK(results == std::vector{sdk::status::ok, sdk::status::not_found});
}

TEST_CASE_FIXTURE(online, "face: callbacks of a destroyed instance never run, and what they held is freed") {
    const auto held = std::make_shared<int>(0);
    within([&](probe& it) {
        it.host().timer(1s, [held] { FAIL("ran"); });
        it.host().http({.url = "http://x/"}, [held](const sdk::http_response&) { FAIL("ran"); });
    });
    CHECK(held.use_count() == 3);
    host.destroy();
    CHECK(held.use_count() == 1);
}

TEST_CASE_FIXTURE(online, "face: what a dead incarnation starts is dropped in silence") {
    const auto held = std::make_shared<int>(0);
    host.dead = true;
    within([&](probe& it) {
        CHECK(it.host().timer(1s, [held] {}) == sdk::op_id::none);
        sdk::batch what;
        CHECK(it.host().submit(what.put("a", "b"), [held](sdk::status) {}) == sdk::status::stale);
        CHECK_FALSE(it.host().receipt(sdk::receipt::sent(sdk::delivery_id{1})));
        it.host().lost({.code = "late"});
        CHECK(it.host().pending() == 0);
    });
    CHECK(held.use_count() == 1);
    CHECK(host.log.empty());
}

TEST_CASE_FIXTURE(online, "face: a refusal that only a bug explains ends the incarnation when nobody catches it") {
    host.answers["timer"] = {GW_ERR_LIMIT};
    within([](probe& it) { it.host().timer(1s, [] {}); });
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].text == "exception in deliver: the host refused timer: limit");
}

TEST_CASE_FIXTURE(online, "face: an ability the host lacks, or knows only in part, is refused by name") {
    host.missing.insert(GW_EXT_HTTP);
    host.timer.struct_size = offsetof(gw_timer, start);
    within([](probe& it) {
        CHECK_THROWS_WITH(it.host().http({.url = "http://x/"}, [](const sdk::http_response&) {}),
                          "the host refused gateway.http/1: unsupported");
        CHECK_THROWS_AS(it.host().timer(1s, [] {}), sdk::refused);
        CHECK(it.host().pending() == 0);
    });
}

TEST_CASE_FIXTURE(online, "face: a busy host takes nothing, and the same batch can be handed over again") {
    host.answers["submit"] = {GW_ERR_BUSY};
    int commits = 0;
    within([&](probe& it) {
        sdk::batch what;
        what.put("key", "value");
        const auto count = [&](sdk::status) { ++commits; };
        CHECK(it.host().submit(what, count) == sdk::status::busy);
        CHECK(it.host().pending() == 0);
        CHECK(it.host().submit(what, count) == sdk::status::ok);
    });
    host.settle();
    CHECK(commits == 1);
    CHECK(host.submitted.size() == 1);
}

TEST_CASE_FIXTURE(online, "face: a batch owns what it was given and arrives whole, also after it grew and moved") {
    sdk::batch what;
    for (int i = 0; i < 100; ++i) {
        const std::string text = "a text that lives on the heap, number " + std::to_string(i);
        what.add_message({.id = std::to_string(i),
                          .chat = "chat",
                          .thread = "t",
                          .reply_to = "r",
                          .text = text,
                          .sender = sdk::sender_view{.id = "s", .name = "S", .self = true},
                          .time_ms = i,
                          .extra = "{}"},
                         "dedupe-" + std::to_string(i));
    }
    what.add_message({.chat = "chat", .text = "by nobody"}).add_chat({.id = "chat", .title = "Chat"});
    what.put("offset", std::to_string(100)).put("empty", "").remove("gone");
    within([moved = std::make_shared<sdk::batch>(std::move(what))](probe& it) {
        CHECK(it.host().submit(*moved, [](sdk::status) {}) == sdk::status::ok);
    });
    REQUIRE(host.submitted.size() == 1);
    const auto& [events, writes] = host.submitted[0];
    REQUIRE(events.size() == 102);
    CHECK(events[99].text == "a text that lives on the heap, number 99");
    CHECK(events[42].dedupe_id == "dedupe-42");
    CHECK(events[42].sender == "s");
    CHECK(events[42].sender_flags == GW_SENDER_SELF);
    CHECK(events[42].extra == "{}");
    CHECK(events[100].sender.empty());
    CHECK(events[100].kind == GW_EVENT_MESSAGE);
    CHECK(events[101].kind == GW_EVENT_CHAT);
    CHECK(events[101].text == "Chat");
    CHECK(writes.at("offset") == "100");
    CHECK(writes.at("empty") == "");
    CHECK(writes.at("gone") == std::nullopt);
}

TEST_CASE_FIXTURE(online, "face: receipts carry outcome, code and pause") {
    within([](probe& it) {
        it.host().receipt(sdk::receipt::sent(sdk::delivery_id{1}, "m"));
        it.host().receipt(sdk::receipt::failed(sdk::delivery_id{2}, "no_chat", "There is no such chat."));
        it.host().receipt(
            sdk::receipt::retry(sdk::delivery_id{3}, "flood", "Too fast.", 7s, sdk::pause_scope::instance));
        it.host().receipt(sdk::receipt::unknown(sdk::delivery_id{4}, "reset", "The answer was lost."));
    });
    REQUIRE(host.receipts.size() == 4);
    CHECK(host.receipts[0].message_ids == std::vector<std::string>{"m"});
    CHECK(host.receipts[1].outcome == GW_OUTCOME_FAILED);
    CHECK(host.receipts[2].retry_after_ms == 7'000);
    CHECK(host.receipts[2].scope == GW_SCOPE_INSTANCE);
    CHECK(host.receipts[3].outcome == GW_OUTCOME_UNKNOWN);
}

TEST_CASE_FIXTURE(online, "face: a receipt for a delivery of somebody else's is told apart, not fatal") {
    host.answers["receipt"] = {GW_ERR_NOT_FOUND};
    within([](probe& it) { CHECK_FALSE(it.host().receipt(sdk::receipt::sent(sdk::delivery_id{1}))); });
    CHECK(host.lost.empty());
}
