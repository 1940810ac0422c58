// The module's edge: what the emitted functions do with exceptions and with structs of other sizes.
#include "abi/face_probe.hpp"
#include "abi/fake_host.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <stdexcept>
#include <string>

GATEWAY_ADAPTER(gateway::test::probe, R"({"name": "probe", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");

using namespace gateway;
using test::fake_host;
using test::probe;

namespace {

struct fixture {
    fixture() { probe::does = {}; }
    ~fixture() { probe::does = {}; }
    fixture(const fixture&) = delete;
    fixture& operator=(const fixture&) = delete;

    fake_host host{gateway_adapter_v1};
};

// An adapter without optional abilities.
class plain final : public sdk::adapter {
public:
    explicit plain(const sdk::setup& from) : adapter(from) {}
    void connect() override {}
    void deliver(const sdk::delivery_view&) override {}
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "face: an adapter is created with its name and configuration, and connects") {
    std::string name;
    std::string config;
    probe::does.on_create = [&](const sdk::setup& from) {
        name = from.name;
        config = from.config;
    };
    probe::does.on_connect = [](probe& it) { it.host().connected("42", "somebody"); };
    REQUIRE(host.create(R"({"a": 1})", "mine") == GW_OK);
    host.connect();
    CHECK(name == "mine");
    CHECK(config == R"({"a": 1})");
    CHECK(host.connected == "42");
    CHECK(probe::does.alive == 1);
    host.destroy();
    CHECK(probe::does.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "face: an exception from any call is reported as an internal failure and goes no further") {
    host.create();
    const auto check = [&](const char* where) {
        REQUIRE(host.lost.size() == 1);
        CHECK(host.lost[0].failure_class == GW_FAILURE_INTERNAL);
        CHECK(host.lost[0].code == "exception");
        CHECK(host.lost[0].retry_after_ms == GW_NO_RETRY_AFTER);
        CHECK(host.lost[0].text == std::string("exception in ") + where + ": boom");
        CHECK(host.log.back() == host.lost[0].text);
    };
    const auto boom = [] { throw std::runtime_error("boom"); };
    SUBCASE("connect") {
        probe::does.on_connect = [&](probe&) { boom(); };
        host.connect();
        check("connect");
    }
    SUBCASE("deliver") {
        probe::does.on_deliver = [&](probe&, const sdk::delivery_view&) { boom(); };
        host.deliver(1, "c", "t");
        check("deliver");
    }
    SUBCASE("wake") {
        probe::does.on_wake = [&](probe&) { boom(); };
        host.complete({sizeof(gw_completion), GW_COMPLETION_WAKE, 0, GW_OK, 0});
        check("on_wake");
    }
    SUBCASE("a callback") {
        probe::does.on_connect = [&](probe& it) { it.host().timer(std::chrono::milliseconds{1}, boom); };
        host.connect();
        host.advance(1);
        check("a callback");
    }
    SUBCASE("settings") {
        probe::does.on_settings = [&](std::string_view, std::string_view) { boom(); };
        host.apply_settings("lobby", "{}");
        check("apply_settings");
    }
    SUBCASE("close, which is then done all the same") {
        probe::does.on_close = [&](probe&, sdk::close_reason) { boom(); };
        host.close();
        check("close");
        CHECK(host.closed == 1);
    }
}

TEST_CASE_FIXTURE(fixture, "face: what is thrown and is no std::exception is stopped as well") {
    probe::does.on_connect = [](probe&) { throw 7; };
    host.create();
    host.connect();
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_INTERNAL);
}

TEST_CASE_FIXTURE(fixture, "face: a callback that throws while closing ends the closing") {
    probe::does.on_close = [](probe& it, sdk::close_reason) {
        it.host().timer(std::chrono::milliseconds{1}, [] { throw std::runtime_error("boom"); });
    };
    host.create();
    host.close();
    CHECK(host.closed == 0);
    host.advance(1);
    CHECK(host.closed == 1);
}

TEST_CASE_FIXTURE(fixture, "face: an exception whose text the host refuses is reported with another") {
    probe::does.on_connect = [](probe&) { throw std::runtime_error("\xff"); };
    host.answers["lost"] = {GW_ERR_UTF8};
    host.create();
    host.connect();
    REQUIRE(host.lost.size() == 2);
    CHECK(host.lost[1].text == "exception in connect, whose text is unusable");
}

TEST_CASE_FIXTURE(fixture, "face: a configuration that cannot be used is refused as such, naming the key") {
    probe::does.on_create = [](const sdk::setup&) { throw sdk::config_error("token", "is empty"); };
    CHECK(host.create() == GW_ERR_CONFIG);
    CHECK(host.log.back() == "token: is empty");
    CHECK(host.self() == nullptr);
}

TEST_CASE_FIXTURE(fixture, "face: a constructor that throws anything else leaves nothing behind") {
    probe::does.on_create = [](const sdk::setup&) { throw std::bad_alloc(); };
    CHECK(host.create() == GW_ERR_INVALID);
    CHECK(host.log.size() == 1);
    CHECK(host.self() == nullptr);
    CHECK(probe::does.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "face: a host whose table is shorter than version 1.0 is refused, a longer one is fine") {
    host.table.struct_size = offsetof(gw_host, wake);
    CHECK(host.create() == GW_ERR_UNSUPPORTED);
    host.table.struct_size = sizeof(gw_host) + 64;
    CHECK(host.create() == GW_OK);
}

TEST_CASE_FIXTURE(fixture, "face: a delivery arrives as typed views") {
    std::optional<sdk::delivery> got;
    probe::does.on_deliver = [&](probe&, const sdk::delivery_view& what) { got = sdk::own(what); };
    host.create();
    host.deliver(9, "chat", "text", "m1", GW_DELIVERY_REPEATED);
    REQUIRE(got);
    CHECK(got->id == sdk::delivery_id{9});
    CHECK(got->repeated);
    CHECK(got->attempt == 1);
    CHECK(got->message.id == "m1");
    CHECK(got->message.chat == "chat");
    CHECK(got->message.thread == "7");
    CHECK(got->message.text == "text");
    CHECK_FALSE(got->message.sender);
}

TEST_CASE_FIXTURE(fixture, "face: a delivery of an unknown kind is answered as unsupported, unseen by the adapter") {
    probe::does.on_deliver = [](probe&, const sdk::delivery_view&) { FAIL("was handed over"); };
    gw_message message{};
    message.struct_size = sizeof message;
    host.create();
    host.deliver(gw_delivery{sizeof(gw_delivery), 4711, 5, 0, 1, &message, {}});
    host.deliver(gw_delivery{offsetof(gw_delivery, message), GW_DELIVERY_MESSAGE, 6, 0, 1, &message, {}});
    REQUIRE(host.receipts.size() == 2);
    CHECK(host.receipts[0].delivery == 5);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_FAILED);
    CHECK(host.receipts[0].code == "unsupported");
    CHECK(host.receipts[1].delivery == 6);
}

TEST_CASE_FIXTURE(fixture, "face: a message is read up to the smaller of both sides' sizes") {
    std::string text = "unset";
    std::optional<sdk::sender> sender;
    probe::does.on_deliver = [&](probe&, const sdk::delivery_view& what) {
        const sdk::message copy = sdk::own(what.message);
        text = copy.text;
        sender = copy.sender;
    };
    host.create();
    const gw_sender from{sizeof(gw_sender), GW_SENDER_BOT, sdk::to_gw("1"), sdk::to_gw("one")};
    struct {
        gw_message known;
        char grown[64];
    } longer{};
    longer.known.struct_size = sizeof longer;
    longer.known.text = sdk::to_gw("hello");
    longer.known.sender = &from;
    std::memset(longer.grown, 0x55, sizeof longer.grown);
    SUBCASE("longer than ours") {
        host.deliver(gw_delivery{sizeof(gw_delivery), GW_DELIVERY_MESSAGE, 1, 0, 1, &longer.known, {}});
        CHECK(text == "hello");
        REQUIRE(sender);
        CHECK(sender->bot);
        CHECK(sender->name == "one");
    }
    SUBCASE("shorter than ours: what is missing is empty") {
        longer.known.struct_size = offsetof(gw_message, text);
        host.deliver(gw_delivery{sizeof(gw_delivery), GW_DELIVERY_MESSAGE, 1, 0, 1, &longer.known, {}});
        CHECK(text.empty());
        CHECK_FALSE(sender);
    }
}

TEST_CASE_FIXTURE(fixture, "face: a module tells of the optional abilities its class has, and of no others") {
    CHECK(host.module_extension(GW_EXT_SETTINGS) != nullptr);
    CHECK(host.module_extension(GW_EXT_DIRECTORY) != nullptr);
    CHECK(host.module_extension("gateway.unheard-of/1") == nullptr);
    CHECK(sdk::detail::entry<plain>::extension(GW_EXT_SETTINGS) == nullptr);
    CHECK(sdk::detail::entry<plain>::extension(GW_EXT_DIRECTORY) == nullptr);

    std::string got;
    int refreshed = 0;
    probe::does.on_settings = [&](std::string_view chat, std::string_view json) { got.append(chat).append(json); };
    probe::does.on_directory = [&] { ++refreshed; };
    host.create();
    host.apply_settings("lobby", "{}");
    host.refresh_directory();
    CHECK(got == "lobby{}");
    CHECK(refreshed == 1);
}

TEST_CASE_FIXTURE(fixture, "face: an adapter that says nothing about closing is closed at once") {
    constexpr gw_adapter module{.struct_size = sizeof(gw_adapter),
                                .abi_major = GW_ABI_MAJOR,
                                .abi_minor = GW_ABI_MINOR,
                                .flags = 0,
                                .manifest = {},
                                .create = &sdk::detail::entry<plain>::create,
                                .connect = &sdk::detail::entry<plain>::connect,
                                .deliver = &sdk::detail::entry<plain>::deliver,
                                .on_completion = &sdk::detail::entry<plain>::on_completion,
                                .close = &sdk::detail::entry<plain>::close,
                                .destroy = &sdk::detail::entry<plain>::destroy,
                                .extension = nullptr};
    void* self = nullptr;
    CHECK(module.create(&host.table, gw_token{3, 0}, nullptr, &self) == GW_OK);
    module.close(self, GW_CLOSE_STOP);
    CHECK(host.closed == 1);
    module.destroy(self);
}

TEST_CASE("face: the exported adapter states its version and the note's manifest") {
    CHECK(gateway_adapter_v1.abi_major == 1);
    CHECK(gateway_adapter_v1.struct_size == sizeof(gw_adapter));
    CHECK(sdk::view(gateway_adapter_v1.manifest) ==
          R"({"name": "probe", "version": "1.0.0", "abi": {"major": 1, "minor": 0}})");
}
