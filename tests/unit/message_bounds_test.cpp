#include "message/bounds.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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
        {"a sender's id", 255, [](event& e) -> auto& { return e.message.sender->id; }},
        {"a sender's name", 1024, [](event& e) -> auto& { return e.message.sender->name; }},
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

namespace {

using gateway::message::attachment;
using gateway::message::button;
using gateway::message::enclosure;

batch enclosing(enclosure what) {
    batch value;
    value.events = {said("a")};
    value.events[0].message.enclosed = std::make_shared<enclosure>(std::move(what));
    return value;
}

}  // namespace

TEST_CASE("bounds: what a message encloses is checked like the rest of it") {
    const attachment file{.id = "f", .url = {}, .path = {}};
    CHECK(check(enclosing({.attachments = std::vector<attachment>(GW_MAX_ATTACHMENTS, file)})).status == GW_OK);
    CHECK(check(enclosing({.attachments = std::vector<attachment>(GW_MAX_ATTACHMENTS + 1, file)})).status ==
          GW_ERR_LIMIT);
    const button press{.text = "Yes", .data = "y"};
    CHECK(check(enclosing({.buttons = std::vector<button>(GW_MAX_BUTTONS, press)})).status == GW_OK);
    CHECK(check(enclosing({.buttons = std::vector<button>(GW_MAX_BUTTONS + 1, press)})).status == GW_ERR_LIMIT);

    struct {
        const char* says;
        enclosure what;
        gw_status status;
    } const table[] = {
        {"neither id nor url nor path", {.attachments = {attachment{}}}, GW_ERR_INVALID},
        {"is negative", {.attachments = {attachment{.size = -1, .id = "f"}}}, GW_ERR_INVALID},
        {"an attachment's id", {.attachments = {attachment{.id = std::string(1025, 'x')}}}, GW_ERR_LIMIT},
        {"an attachment's url", {.attachments = {attachment{.url = std::string(8193, 'x')}}}, GW_ERR_LIMIT},
        {"an attachment's path", {.attachments = {attachment{.path = std::string(8193, 'x')}}}, GW_ERR_LIMIT},
        {"an attachment's name", {.attachments = {attachment{.id = "f", .name = "\xff"}}}, GW_ERR_UTF8},
        {"an attachment's text", {.attachments = {attachment{.id = "f", .text = "\xff"}}}, GW_ERR_UTF8},
        {"a button's text must not be empty", {.buttons = {button{.data = "y"}}}, GW_ERR_INVALID},
        {"needs data or a url", {.buttons = {button{.text = "Yes"}}}, GW_ERR_INVALID},
        {"needs data or a url", {.buttons = {button{.text = "Yes", .data = "y", .url = "https://a"}}}, GW_ERR_INVALID},
        {"the quote's text", {.quote = gateway::message::quote{.text = "\xff"}}, GW_ERR_UTF8},
        {"a sender's id", {.forwarded_from = sender{.id = "\xff"}}, GW_ERR_UTF8},
    };
    for (const auto& row : table) {
        CAPTURE(row.says);
        const auto found = check(enclosing(row.what));
        CHECK(found.status == row.status);
        CHECK(found.text.find(row.says) != std::string::npos);
    }
}

TEST_CASE("bounds: an event about a message has to say which one") {
    for (const int kind : {GW_EVENT_EDIT, GW_EVENT_DELETE, GW_EVENT_REACTION, GW_EVENT_INTERACTION}) {
        CAPTURE(kind);
        batch value;
        value.events = {said("a")};
        value.events[0].kind = kind;
        CHECK(check(value).status == GW_ERR_INVALID);
        value.events[0].message.id = std::string("1");
        CHECK(check(value).status == GW_OK);
    }
}

TEST_CASE("bounds: a receipt names at most 64 messages, each by an id") {
    receipt value;
    value.outcome = GW_OUTCOME_SENT;
    value.message_ids.assign(GW_MAX_MESSAGE_IDS, "1");
    CHECK(check(value).status == GW_OK);
    value.message_ids.emplace_back("1");
    CHECK(check(value).status == GW_ERR_LIMIT);
    value.message_ids = {""};
    CHECK(check(value).status == GW_ERR_INVALID);
}
