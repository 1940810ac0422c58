// How instances are created, called and ended.

#include "instance_harness.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>

namespace {

using namespace gateway;
using test::scripted_host;
using calls = std::vector<std::string>;

}  // namespace

TEST_CASE("instance: create is followed by connect, and destroy frees it") {
    scripted_host it;
    const auto which = it.create();
    it.host.destroy(which);
    it.run();
    CHECK(it.does.calls == calls{"create it", "connect", "destroy"});
    CHECK(it.identities.size() == 1);
}

TEST_CASE("instance: online, it gets its settings, then is asked for its chats, then deliveries flow") {
    scripted_host it;
    REQUIRE(it.plane.set_routes({{{"other:*"}, "it", {}}}).has_value());
    message::batch said;
    auto& event = said.events.emplace_back();
    event.kind = GW_EVENT_MESSAGE;
    event.message.chat = "lobby";
    event.message.text = "hello";
    CHECK(it.plane.submit(1, std::move(said), [](gw_status) {}) == GW_OK);
    it.run();
    it.online();
    CHECK(it.does.calls == calls{"create it", "connect", "settings", "refresh", "deliver"});
    CHECK(it.does.settings == std::vector<std::pair<std::string, std::string>>{{"lobby", "{\"silent\":true}"}});
}

TEST_CASE("instance: a create that fails says why with its own error line, and nothing is destroyed") {
    scripted_host it;
    it.does.create = [](const gw_host& host, gw_token self) {
        constexpr std::string_view why = "token: has no colon";
        CHECK(host.log(self, GW_LOG_ERROR, {why.data(), why.size()}) == GW_OK);
        return GW_ERR_CONFIG;
    };
    it.create();
    REQUIRE(it.create_failures.size() == 1);
    CHECK(it.create_failures[0].cls == reconnect::failure_class::config);
    CHECK(it.create_failures[0].text.find("token: has no colon") != std::string::npos);
    CHECK(it.does.calls == calls{"create it"});
}

TEST_CASE("instance: an exception from create or connect is a failure, never more") {
    scripted_host it;
    it.does.create = [](const gw_host&, gw_token) -> gw_status { throw std::runtime_error("boom"); };
    it.create();
    REQUIRE(it.create_failures.size() == 1);
    CHECK(it.create_failures[0].code == "exception");
    it.does.create = nullptr;
    it.does.connect = [](const gw_host&, gw_token) { throw 42; };
    it.create(0, 2);
    REQUIRE(it.losses.size() == 1);
    CHECK(it.losses[0].cls == reconnect::failure_class::internal);
}

TEST_CASE("instance: from within create nothing can be started or reported") {
    scripted_host it;
    it.does.create = [](const gw_host& host, gw_token self) {
        CHECK(host.connected(self, nullptr) == GW_ERR_OUTSIDE_CALL);
        CHECK(host.now_ms(self) >= 0);
        return GW_OK;
    };
    it.create();
    CHECK(it.identities.size() == 1);
}

TEST_CASE("instance: the next incarnation is created only after the old one was destroyed") {
    scripted_host it;
    const auto first = it.create();
    it.host.close(first, GW_CLOSE_RECONNECT);
    it.run();
    CHECK(it.closes == 1);
    it.host.destroy(first);
    it.create(0, 2);
    CHECK(it.does.calls == calls{"create it", "connect", "close 1", "destroy", "create it", "connect"});
}

TEST_CASE("instance: one that is told to close before its create had its turn is never created") {
    scripted_host it;
    it.does.create = [&](const gw_host&, gw_token) {
        FAIL("created");
        return GW_OK;
    };
    const instance::key which{reconnect::slot_id{0}, reconnect::incarnation_id{1}};
    module::loaded_module from;
    auto description = std::make_shared<module::manifest>();
    from.description = description;
    from.adapter = &test::detail::adapter;
    it.host.create(which, from, std::make_shared<instance::instance_spec>());
    it.host.close(which, GW_CLOSE_STOP);
    it.run();
    CHECK(it.closes == 1);
    CHECK(it.does.calls.empty());
}

TEST_CASE("instance: a token is good for its own incarnation and its own call only") {
    scripted_host it;
    const auto first = it.create();
    const auto token = instance::token_of(first);
    const auto* table = instance::host_api::table();
    CHECK(table->connected(token, nullptr) == GW_ERR_OUTSIDE_CALL);
    it.host.destroy(first);
    it.run();
    gw_status said = GW_OK;
    it.does.connect = [&](const gw_host& host, gw_token self) {
        said = host.lost(token, nullptr);
        CHECK(host.connected(self, nullptr) == GW_OK);
    };
    it.create(0, 2);
    CHECK(said == GW_ERR_STALE);
    it.does.connect = [&](const gw_host& host, gw_token) { said = host.closed({0, 2}); };
    it.create(1, 1);
    CHECK(said == GW_ERR_OUTSIDE_CALL);
    CHECK(it.losses.empty());
}

TEST_CASE("instance: what was told to close while it was created is not connected, and closed") {
    scripted_host it;
    const instance::key which{reconnect::slot_id{0}, reconnect::incarnation_id{1}};
    it.does.create = [&](const gw_host&, gw_token) {
        CHECK(it.host.close(which, GW_CLOSE_STOP));
        return GW_OK;
    };
    it.create();
    CHECK(it.closes == 1);
    CHECK(it.does.calls == std::vector<std::string>{"create it", "close " + std::to_string(GW_CLOSE_STOP)});
}

TEST_CASE("instance: after its loss it is not connected any more, and its close counts once") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        const gw_failure why{sizeof(gw_failure), GW_FAILURE_TRANSIENT, {}, {}, GW_NO_RETRY_AFTER};
        CHECK(host.lost(self, &why) == GW_OK);
        CHECK(host.connected(self, nullptr) == GW_ERR_DUPLICATE);
    };
    it.does.close = [](const gw_host& host, gw_token self) {
        CHECK(host.closed(self) == GW_OK);
        CHECK(host.closed(self) == GW_ERR_DUPLICATE);
    };
    const auto lost = it.create();
    CHECK(it.identities.empty());
    CHECK(it.losses.size() == 1);
    CHECK(it.host.close(lost, GW_CLOSE_RECONNECT));
    it.run();
    CHECK(it.closes == 1);
}

TEST_CASE("instance: what is reported twice counts once") {
    scripted_host it;
    it.does.connect = [](const gw_host& host, gw_token self) {
        const gw_failure why{sizeof(gw_failure), GW_FAILURE_TRANSIENT, {}, {}, GW_NO_RETRY_AFTER};
        CHECK(host.connected(self, nullptr) == GW_OK);
        CHECK(host.connected(self, nullptr) == GW_ERR_DUPLICATE);
        CHECK(host.lost(self, &why) == GW_OK);
        CHECK(host.lost(self, &why) == GW_ERR_DUPLICATE);
    };
    it.create();
    CHECK(it.identities.size() == 1);
    CHECK(it.losses.size() == 1);
}

TEST_CASE("instance: from a foreign thread everything but wake is refused") {
    scripted_host it;
    it.does.on_completion = [](const gw_host&, gw_token, const gw_completion& what) {
        CHECK(what.kind == GW_COMPLETION_WAKE);
    };
    const auto which = it.create();
    const auto* table = instance::host_api::table();
    std::thread([&] {
        CHECK(table->connected(instance::token_of(which), nullptr) == GW_ERR_WRONG_THREAD);
        CHECK(table->wake(instance::token_of(which)) == GW_OK);
        CHECK(table->wake(instance::token_of(which)) == GW_OK);
        CHECK(table->wake({77, 1}) == GW_OK);
    }).join();
    it.run();
    CHECK(it.does.calls == calls{"create it", "connect", "completion 1"});
}

TEST_CASE("instance: whoever waits for the end of all calls is told once, when the last one has returned") {
    scripted_host it;
    int told = 0;
    std::size_t calls_then = 0;
    const auto wait = [&] {
        it.host.when_idle([&] {
            ++told;
            calls_then = it.does.calls.size();
        });
    };
    it.does.connect = [&](const gw_host&, gw_token) { wait(); };  // the one being made counts, too
    const auto which = it.create();
    CHECK(told == 1);
    CHECK(it.host.is_idle());
    it.host.destroy(which);
    wait();
    CHECK_FALSE(it.host.is_idle());
    CHECK(told == 1);
    it.run();
    CHECK(told == 2);
    CHECK(calls_then == 3);
    it.create(0, 2);
    CHECK(told == 3);  // by the connect
    wait();
    CHECK(told == 3);
    it.run();
    CHECK(told == 4);
}
