#include "message/bounds.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

using gateway::message::batch;
using gateway::message::check;
using gateway::message::event;
using gateway::message::receipt;
using gateway::message::sender;

namespace {

event said(std::string chat) {
    event made;
    made.kind = GW_EVENT_MESSAGE;
    made.message.chat = std::move(chat);
    made.message.sender = sender{};
    return made;
}

}  // namespace

TEST_CASE("bounds: each text of an event is accepted at its bound and refused one byte past it, by name") {
    struct {
        const char* field;
        std::size_t max_bytes;
        std::function<std::string&(event&)> text;
    } const table[] = {
        {"dedupe_id", 255, [](event& e) -> auto& { return e.dedupe_id; }},
        {"the message's id", 255, [](event& e) -> auto& { return e.message.id; }},
        {"the chat", 255, [](event& e) -> auto& { return e.message.chat; }},
        {"the thread", 255, [](event& e) -> auto& { return e.message.thread; }},
        {"reply_to", 255, [](event& e) -> auto& { return e.message.reply_to; }},
        {"the text", 65536, [](event& e) -> auto& { return e.message.text; }},
        {"extra", 65536, [](event& e) -> auto& { return e.message.extra; }},
        {"the sender's id", 255, [](event& e) -> auto& { return e.message.sender->id; }},
        {"the sender's name", 1024, [](event& e) -> auto& { return e.message.sender->name; }},
    };
    for (const auto& row : table) {
        CAPTURE(row.field);
        batch value;
        value.events = {said("a"), said("b")};
        auto& text = row.text(value.events[1]);
        text = std::string(row.max_bytes, 'x');
        CHECK(check(value).status == GW_OK);
        text += 'x';
        CHECK(check(value).status == GW_ERR_LIMIT);
        CHECK(check(value).text.starts_with(std::string("event 1: ") + row.field + " "));
        text = std::string("\xC3");
        CHECK(check(value).status == GW_ERR_UTF8);
        CHECK(check(value).text == std::string("event 1: ") + row.field + " is not valid UTF-8");
    }
}

TEST_CASE("bounds: a message needs a chat, a chat event an id, a write a key") {
    batch value;
    value.events = {said("")};
    CHECK(check(value).status == GW_ERR_INVALID);
    value.events[0].kind = GW_EVENT_CHAT;
    CHECK(check(value).status == GW_ERR_INVALID);
    value.events[0].chat.id = std::string("1");
    CHECK(check(value).status == GW_OK);
    value.writes.push_back({"", "x"});
    CHECK(check(value).status == GW_ERR_INVALID);
}

TEST_CASE("bounds: an event of an unknown kind is not looked into") {
    batch value;
    value.events = {said("\xff")};
    value.events[0].kind = 99;
    CHECK(check(value).status == GW_OK);
}

TEST_CASE("bounds: a batch has at most 1,000 events and 64 writes, a value 64 KiB of any bytes") {
    batch value;
    value.events.assign(1000, said("a"));
    value.writes.assign(64, {std::string(255, 'k'), std::string(65536, '\xff')});
    CHECK(check(value).status == GW_OK);
    value.writes[3].value->push_back('x');
    CHECK(check(value).status == GW_ERR_LIMIT);
    value.writes[3].value.reset();
    CHECK(check(value).status == GW_OK);
    value.events.push_back(said("a"));
    CHECK(check(value).status == GW_ERR_LIMIT);
    value.events.pop_back();
    value.writes.push_back({"k", std::nullopt});
    CHECK(check(value).status == GW_ERR_LIMIT);
}

TEST_CASE("bounds: a receipt with a long text is taken, one that makes no sense is not") {
    receipt value;
    value.outcome = GW_OUTCOME_RETRY;
    value.delivery = 7;
    value.text = std::string(10'000, 'x');
    CHECK(check(value).status == GW_OK);
    value.scope = 9;
    CHECK(check(value).status == GW_ERR_INVALID);
    value.scope = GW_SCOPE_INSTANCE;
    value.outcome = 0;
    CHECK(check(value).status == GW_ERR_INVALID);
    value.outcome = GW_OUTCOME_UNKNOWN + 1;
    CHECK(check(value).status == GW_ERR_INVALID);
    value.outcome = GW_OUTCOME_FAILED;
    value.code = std::string("\xff");
    CHECK(check(value).status == GW_ERR_UTF8);
}
