#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;
using kind = telegram_fault::kind;

namespace {

std::string complaint(std::string_view fault) {
    telegram_fault parsed;
    return parse_fault(json::parse(fault), parsed).value_or("");
}

}  // namespace

TEST_CASE("telegram server: a fault hits its method so many times, and no other") {
    telegram_model model;
    model.api.faults().add(telegram_fault::html_page(502).on("GETME").for_times(2));
    CHECK(model.call("getMyCommands")->status() == 200);
    CHECK(model.call("getMe")->status() == 502);
    const auto page = model.call("getMe");
    CHECK(page->response->headers.front() == std::pair<std::string, std::string>("Content-Type", "text/html"));
    CHECK(page->response->body.find("502 Bad Gateway") != std::string::npos);
    CHECK(model.call("getMe")->status() == 200);
    CHECK(model.api.faults().size() == 0);
}

TEST_CASE("telegram server: a fault can let some requests through first, last for ever, or hit one bot only") {
    telegram_model model;
    SUBCASE("after two") {
        model.api.faults().add(telegram_fault::too_many_requests(5).after(2));
        CHECK(model.call("getMe")->status() == 200);
        CHECK(model.call("getMe")->status() == 200);
        const auto limited = model.call("getMe");
        CHECK(limited->status() == 429);
        CHECK(limited->description() == "Too Many Requests: retry after 5");
        CHECK(limited->json().at("parameters").at("retry_after").as_int64() == 5);
    }
    SUBCASE("for ever, until cleared") {
        model.api.faults().add(telegram_fault::error(500, "Internal Server Error").for_times(telegram_fault::forever));
        for (int i = 0; i < 20; ++i) {
            CHECK(model.call("getMe")->status() == 500);
        }
        model.api.faults().clear();
        CHECK(model.call("getMe")->status() == 200);
    }
    SUBCASE("another bot") {
        auto fault = telegram_fault::error(403, "Forbidden: x");
        fault.token = "5:other";
        model.api.faults().add(fault);
        CHECK(model.call("getMe")->status() == 200);
    }
}

TEST_CASE("telegram server: a refused call has no effect, a lost answer has one") {
    telegram_model model;
    model.hear();
    const json::object message{{"chat_id", 7}, {"text", "x"}};
    model.api.faults().add(telegram_fault::error(500, "Internal Server Error").on("sendMessage"));
    CHECK(model.call("sendMessage", message)->status() == 500);
    CHECK(model.bot.sent().empty());
    model.api.faults().add(telegram_fault::of(kind::reset).with_effect());
    const auto lost = model.call("sendMessage", message);
    REQUIRE(lost->here());
    CHECK(lost->response->how == delivery::reset);
    CHECK(model.bot.sent().size() == 1);
    model.api.faults().add(telegram_fault::of(kind::broken, 10));
    const auto broken = model.call("sendMessage", message);
    CHECK(broken->response->how == delivery::broken);
    CHECK(broken->response->cut_at == 10);
    CHECK(model.bot.sent().size() == 2);
}

TEST_CASE("telegram server: a stalled request is logged and never answered") {
    telegram_model model;
    model.api.faults().add(telegram_fault::of(kind::stall).on("getUpdates"));
    const auto poll = model.call("getUpdates", {{"timeout", 5}});
    model.clock.advance(std::chrono::hours(1));
    CHECK_FALSE(poll->here());
    CHECK(model.api.count_requests("getUpdates") == 1);
    CHECK(model.api.requests().back().status == 0);
    CHECK_FALSE(model.bot.feed().is_polled());
}

TEST_CASE("telegram server: rubbish of every kind can be answered") {
    telegram_model model;
    model.api.faults().add(telegram_fault::raw(200, "<not json"));
    CHECK(model.call("getMe")->response->body == "<not json");
    model.api.faults().add(telegram_fault::oversized(1'000'000));
    CHECK(model.call("getMe")->response->body.size() > 1'000'000);
    model.api.faults().add(telegram_fault::invalid_utf8());
    boost::system::error_code error;
    json::parse(model.call("getMe")->response->body, error);
    CHECK(error);
}

TEST_CASE("telegram server: connection faults hit connections, not requests") {
    telegram_model model;
    model.api.faults().add(telegram_fault::of(kind::connect_reset));
    model.api.faults().add(telegram_fault::of(kind::connect_stall));
    CHECK(model.call("getMe")->status() == 200);
    CHECK(model.api.on_connection() == connection_verdict::reset);
    CHECK(model.api.on_connection() == connection_verdict::stall);
    CHECK(model.api.on_connection() == connection_verdict::serve);
}

TEST_CASE("telegram server: a fault is read from JSON") {
    telegram_fault fault;
    CHECK_FALSE(parse_fault(json::parse(R"({"kind":"error","code":409,"description":"Conflict: x","method":"getUpdates",
                                           "skip":1,"times":-1,"execute":true,"parameters":{"a":1}})"),
                            fault));
    CHECK(fault.status == 409);
    CHECK(fault.method == "getUpdates");
    CHECK(fault.skip == 1);
    CHECK(fault.times == telegram_fault::forever);
    CHECK(fault.execute);
    CHECK(fault.body == R"({"ok":false,"error_code":409,"description":"Conflict: x","parameters":{"a":1}})");
    CHECK_FALSE(parse_fault(json::parse(R"({"kind":"drip","drip_bytes":3,"drip_interval_ms":7})"), fault));
    CHECK(fault.what == kind::drip);
    CHECK(fault.drip_bytes == 3);
    CHECK(fault.drip_interval == std::chrono::milliseconds(7));
}

TEST_CASE("telegram server: a fault that makes no sense is refused with the key and what would be right") {
    CHECK(complaint("[]") == "a fault must be an Object");
    CHECK(complaint(R"({"kind":"explode"})").starts_with("fault: \"kind\" must be one of error, "));
    CHECK(complaint(R"({"kind":"error","code":99})") == "fault: \"code\" must be an Integer from 300 to 599");
    CHECK(complaint(R"({"kind":"reset","method":5})") == "fault: \"method\" must be a String");
    CHECK(complaint(R"({"kind":"reset","cut_at":5})") ==
          "fault: \"cut_at\" must be absent (unknown key, or not used by this kind)");
    CHECK(complaint(R"({"kind":"reset","times":0})") == "fault: \"times\" must be 1 or more, or -1 for until cleared");
}
