// Operations of instances: one completion each, and none for a dead incarnation.

#include "instance/host_api.hpp"
#include "instance_harness.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace {

using namespace gateway;
using std::chrono::milliseconds;
using test::scripted_host;
using calls = std::vector<std::string>;

const gw_timer& timers(const gw_host& host, gw_token self) {
    return *static_cast<const gw_timer*>(host.extension(self, GW_EXT_TIMER));
}

const gw_kv& keys(const gw_host& host, gw_token self) {
    return *static_cast<const gw_kv*>(host.extension(self, GW_EXT_KV));
}

constexpr gw_str text(std::string_view from) {
    return {from.data(), from.size()};
}

}  // namespace

TEST_CASE("services: randomness is there from create on, within its bounds, and not for foreign threads") {
    scripted_host it;
    std::array<std::uint8_t, 64> first{};
    it.does.create = [&](const gw_host& host, gw_token self) {
        const auto& random = *static_cast<const gw_random*>(host.extension(self, GW_EXT_RANDOM));
        CHECK(random.fill(self, first.data(), first.size()) == GW_OK);
        std::array<std::uint8_t, 64> second{};
        CHECK(random.fill(self, second.data(), second.size()) == GW_OK);
        CHECK(first != second);
        std::vector<std::uint8_t> most(4097);
        CHECK(random.fill(self, most.data(), 4096) == GW_OK);
        CHECK(random.fill(self, most.data(), 4097) == GW_ERR_LIMIT);
        CHECK(random.fill(self, nullptr, 1) == GW_ERR_INVALID);
        CHECK(random.fill(self, nullptr, 0) == GW_OK);
        return GW_OK;
    };
    const auto which = it.create();
    CHECK(first != std::array<std::uint8_t, 64>{});
    const auto* random =
        static_cast<const gw_random*>(instance::host_api::table()->extension(instance::token_of(which), GW_EXT_RANDOM));
    std::thread([&] { CHECK(random->fill(instance::token_of(which), first.data(), 1) == GW_ERR_WRONG_THREAD); }).join();
}

TEST_CASE("services: an unknown extension is absent") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(host.extension(self, "gateway.telepathy/1") == nullptr);
        CHECK(host.extension(self, nullptr) == nullptr);
        CHECK(host.extension(self, GW_EXT_HTTP) != nullptr);
    };
    it.create();
}

TEST_CASE("timers: each rings once, in the order of their times") {
    scripted_host it;
    std::vector<std::uint64_t> rung;
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(timers(host, self).start(self, 1, 300) == GW_OK);
        CHECK(timers(host, self).start(self, 2, 100) == GW_OK);
        CHECK(timers(host, self).start(self, 3, 200) == GW_OK);
        CHECK(timers(host, self).start(self, 3, 200) == GW_ERR_DUPLICATE);
        CHECK(timers(host, self).start(self, 4, -1) == GW_ERR_INVALID);
    };
    it.does.on_completion = [&](const gw_host&, gw_token, const gw_completion& what) { rung.push_back(what.op); };
    it.create();
    it.pass(milliseconds{99});
    CHECK(rung.empty());
    it.pass(milliseconds{1000});
    CHECK(rung == std::vector<std::uint64_t>{2, 3, 1});
}

TEST_CASE("timers: a cancelled one completes at once as cancelled, and its number is free again") {
    scripted_host it;
    std::vector<gw_status> ends;
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(timers(host, self).start(self, 1, 1000) == GW_OK);
        CHECK(host.cancel(self, 1) == GW_OK);
        CHECK(host.cancel(self, 1) == GW_OK);
        CHECK(timers(host, self).start(self, 1, 1000) == GW_ERR_DUPLICATE);
    };
    it.does.on_completion = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        ends.push_back(what.status);
        CHECK(host.cancel(self, 1) == GW_ERR_NOT_FOUND);
        if (ends.size() == 1) {
            CHECK(timers(host, self).start(self, 1, 1000) == GW_OK);
        }
    };
    it.create();
    it.pass(milliseconds{2000});
    CHECK(ends == std::vector<gw_status>{GW_ERR_CANCELLED, GW_OK});
}

TEST_CASE("timers: one that has rung and is not told yet cannot be cancelled, and its number is not free") {
    scripted_host it;
    std::vector<std::pair<std::uint64_t, gw_status>> ends;
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(timers(host, self).start(self, 1, 100) == GW_OK);
        CHECK(timers(host, self).start(self, 2, 100) == GW_OK);
    };
    it.does.on_completion = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        ends.emplace_back(what.op, what.status);
        if (ends.size() == 1) {
            CHECK(timers(host, self).start(self, 3 - what.op, 100) == GW_ERR_DUPLICATE);
            CHECK(host.cancel(self, 3 - what.op) == GW_OK);
        }
    };
    it.create();
    it.pass(milliseconds{1000});
    std::ranges::sort(ends);
    CHECK(ends == std::vector<std::pair<std::uint64_t, gw_status>>{{1, GW_OK}, {2, GW_OK}});
    it.does.connect = [](const gw_host& host, gw_token self) {
        for (std::uint64_t op = 3; op <= 6; ++op) {
            CHECK(timers(host, self).start(self, op, 100) == GW_OK);
        }
    };
    it.create(1, 1);
    it.pass(milliseconds{1000});
    CHECK(ends.size() == 6);
}

TEST_CASE("timers: an incarnation that dies between the end of a timer and its completion frees it once") {
    scripted_host it;
    std::vector<std::uint64_t> rung;
    bool doomed = true;
    it.does.connect = [&](const gw_host& host, gw_token self) {
        CHECK(timers(host, self).start(self, 1, 100) == GW_OK);
        if (doomed) {
            CHECK(host.cancel(self, 1) == GW_OK);
            it.host.destroy({reconnect::slot_id{0}, reconnect::incarnation_id{1}});
        }
    };
    it.create();
    doomed = false;
    it.does.on_completion = [&](const gw_host&, gw_token self, const gw_completion&) { rung.push_back(self.slot); };
    it.create(0, 2);
    it.create(1, 1);
    it.pass(milliseconds{1000});
    std::ranges::sort(rung);
    CHECK(rung == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("timers: a dead incarnation's do not ring, not even for its successor") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(timers(host, self).start(self, 1, 100) == GW_OK);
    };
    const auto first = it.create();
    it.host.destroy(first);
    it.does.connect = nullptr;
    it.create(0, 2);
    it.pass(milliseconds{1000});
    CHECK(it.does.calls == calls{"create it", "connect", "destroy", "create it", "connect"});
}

TEST_CASE("timers: at most 64 of one instance are pending") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        for (std::uint64_t op = 1; op <= 64; ++op) {
            CHECK(timers(host, self).start(self, op, 1000) == GW_OK);
        }
        CHECK(timers(host, self).start(self, 65, 1000) == GW_ERR_LIMIT);
    };
    it.create();
}

TEST_CASE("keys: what was submitted is read back, also by the next incarnation; an absent key is not found") {
    scripted_host it;
    std::vector<std::pair<gw_status, std::string>> values;
    it.does.connect = [](const gw_host& host, gw_token self) {
        const gw_kv_write write{
            sizeof(gw_kv_write), 0, text("offset"), {reinterpret_cast<const std::uint8_t*>("42"), 2}};
        const gw_batch batch{sizeof(gw_batch), 0, 1, {}, {&write, 1, sizeof(write)}};
        CHECK(host.submit(self, &batch) == GW_OK);
        CHECK(host.submit(self, &batch) == GW_ERR_DUPLICATE);
        CHECK(keys(host, self).get(self, 2, text("offset")) == GW_OK);
        CHECK(keys(host, self).get(self, 3, text("nothing")) == GW_OK);
        CHECK(keys(host, self).get(self, 4, text("")) == GW_ERR_INVALID);
    };
    it.does.on_completion = [&](const gw_host&, gw_token, const gw_completion& what) {
        if (what.kind == GW_COMPLETION_KV) {
            const auto& value = reinterpret_cast<const gw_kv_value&>(what).value;
            values.emplace_back(what.status, std::string(reinterpret_cast<const char*>(value.data), value.size));
        }
    };
    const auto first = it.create();
    CHECK(values == std::vector<std::pair<gw_status, std::string>>{{GW_OK, "42"}, {GW_ERR_NOT_FOUND, ""}});
    it.host.destroy(first);
    it.does.connect = [](const gw_host& host, gw_token self) {
        CHECK(keys(host, self).get(self, 1, text("offset")) == GW_OK);
    };
    it.create(0, 2);
    CHECK(values.back().second == "42");
}

TEST_CASE("deliveries: the delivered message is whole, and its receipt counts once") {
    scripted_host it;
    REQUIRE(it.plane.set_routes({{{"other:*"}, "it", {}}}).has_value());
    std::string chat;
    std::string said_text;
    it.does.deliver = [&](const gw_host& host, gw_token self, const gw_delivery& what) {
        chat.assign(what.message->chat.data, what.message->chat.size);
        said_text.assign(what.message->text.data, what.message->text.size);
        const gw_receipt receipt{sizeof(gw_receipt), GW_OUTCOME_SENT, what.id, {}, {}, {}, 0, 0, 0};
        CHECK(host.receipt(self, &receipt) == GW_OK);
        CHECK(host.receipt(self, &receipt) == GW_ERR_NOT_FOUND);
    };
    it.online();
    message::batch said;
    auto& event = said.events.emplace_back();
    event.kind = GW_EVENT_MESSAGE;
    event.message.chat = "lobby";
    event.message.thread = "7";
    event.message.text = "hello";
    CHECK(it.plane.submit(1, std::move(said), [](gw_status) {}) == GW_OK);
    it.run();
    CHECK(chat == "other:lobby/7");
    CHECK(said_text == "hello");
    CHECK(it.plane.count().sent == 1);
}

TEST_CASE("deliveries: one whose call was on its way when the instance closed is handed to the next one as new") {
    scripted_host it;
    REQUIRE(it.plane.set_routes({{{"other:*"}, "it", {}}}).has_value());
    std::vector<std::pair<std::uint64_t, std::uint32_t>> handed;
    instance::key closing{};
    it.does.deliver = [&](const gw_host&, gw_token, const gw_delivery& what) {
        handed.emplace_back(what.id, what.flags);
        it.host.close(closing, GW_CLOSE_STOP);
    };
    closing = it.online();
    message::batch said;
    for (const char* chat : {"a", "b"}) {
        auto& event = said.events.emplace_back();
        event.kind = GW_EVENT_MESSAGE;
        event.message.chat = chat;
    }
    CHECK(it.plane.submit(1, std::move(said), [](gw_status) {}) == GW_OK);
    it.run();
    CHECK(handed == std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 0}});
    it.plane.offline(0);
    it.host.destroy(closing);
    it.run();
    handed.clear();
    it.does.deliver = [&](const gw_host&, gw_token, const gw_delivery& what) {
        handed.emplace_back(what.id, what.flags);
    };
    it.online(0, 2);
    std::ranges::sort(handed);
    CHECK(handed == std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, GW_DELIVERY_REPEATED}, {2, 0}});
    CHECK(it.plane.count().handed == 3);
}

TEST_CASE("events: a batch with one bad struct or text is refused as a whole") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        gw_message message{};
        message.struct_size = sizeof(message);
        message.chat = text("c");
        message.text = text("\xff");
        gw_event event{sizeof(gw_event), GW_EVENT_MESSAGE, {}, &message, nullptr};
        gw_batch batch{sizeof(gw_batch), 0, 1, {&event, 1, sizeof(event)}, {}};
        CHECK(host.submit(self, &batch) == GW_ERR_UTF8);
        message.text = {nullptr, 5};
        CHECK(host.submit(self, &batch) == GW_ERR_INVALID);
        message.text = text("fine");
        message.struct_size = 8;
        CHECK(host.submit(self, &batch) == GW_ERR_INVALID);
        message.struct_size = sizeof(message);
        batch.events.stride = 8;
        CHECK(host.submit(self, &batch) == GW_ERR_INVALID);
        batch.events = {&event, 1001, sizeof(event)};
        CHECK(host.submit(self, &batch) == GW_ERR_LIMIT);
    };
    it.create();
    CHECK(it.plane.count().in == 0);
}

TEST_CASE("http: an unusable request is refused at once") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        const auto& http = *static_cast<const gw_http*>(host.extension(self, GW_EXT_HTTP));
        gw_http_request request{};
        request.struct_size = sizeof(request);
        request.op = 1;
        request.method = text("GET");
        request.url = text("file:///etc/passwd");
        CHECK(http.request(self, &request) == GW_ERR_INVALID);
        request.url = text("http://127.0.0.1:1/");
        request.version = 9;
        CHECK(http.request(self, &request) == GW_ERR_INVALID);
        request.version = GW_HTTP_VERSION_AUTO;
        request.total_timeout_ms = -1;
        CHECK(http.request(self, &request) == GW_ERR_INVALID);
    };
    it.create();
}
