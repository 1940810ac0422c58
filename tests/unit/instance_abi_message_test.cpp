#include "instance/abi_message.hpp"
#include "instance/abi_read.hpp"
#include "message/bounds.hpp"

#include <gateway/cpp/batch.hpp>
#include <gateway/cpp/message_read.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace sdk = gateway::sdk;

using gateway::instance::borrowed_delivery;
using gateway::instance::copy_message;

namespace {

// Everything that a message can hold, each member with a value of its own.
sdk::message full() {
    return {.id = "id",
            .chat = "chat",
            .thread = "thread",
            .reply_to = "answered",
            .text = "text",
            .sender = sdk::sender{"ann", "Ann", true, false},
            .time_ms = 12,
            .extra = "{}",
            .flags = GW_MESSAGE_SILENT | GW_MESSAGE_ADDRESSED,
            .attachments = {{.kind = sdk::attachment_kind::voice,
                             .spoiler = true,
                             .width = 3,
                             .height = 4,
                             .size = 5,
                             .duration_ms = 6,
                             .source = {},
                             .id = "file",
                             .url = "https://a/b",
                             .path = "/c",
                             .name = "d.ogg",
                             .mime_type = "audio/ogg",
                             .text = "words"},
                            {.id = "second"}},
            .buttons = {{.row = 0, .text = "Yes", .data = "y", .url = {}},
                        {.row = 1, .text = "Page", .data = {}, .url = "https://e"}},
            .quote = sdk::quote{.text = "quoted", .chosen = true, .sender = sdk::sender{"bob", "Bob", false, true}},
            .forwarded_from = sdk::sender{"eve", "Eve", false, false}};
}

gateway::message::message copied(const sdk::message& what) {
    sdk::batch events;
    events.add_message(what);
    const gw_batch raw = events.to_gw(sdk::op_id{1});
    gateway::message::message copy;
    CHECK(copy_message(static_cast<const gw_event*>(raw.events.items)->message, copy) == GW_OK);
    return copy;
}

void check_sender(const std::optional<sdk::sender_view>& is, const std::optional<sdk::sender>& should) {
    REQUIRE(is.has_value() == should.has_value());
    if (is) {
        CHECK(is->id == should->id);
        CHECK(is->name == should->name);
        CHECK(is->bot == should->bot);
        CHECK(is->self == should->self);
    }
}

}  // namespace

TEST_CASE("messages: what an adapter submits reaches another one whole") {
    const sdk::message sent = full();
    gateway::message::delivery carried{.kind = GW_DELIVERY_EDIT, .id = 7, .flags = 0, .attempt = 2, .targets = {}};
    carried.message = copied(sent);
    carried.targets = {"t1", "t2"};
    const borrowed_delivery handed(carried);
    const gw_delivery& raw = handed.get();
    CHECK(raw.kind == GW_DELIVERY_EDIT);
    CHECK(raw.id == 7);
    CHECK(raw.attempt == 2);
    REQUIRE(raw.targets.count == 2);
    CHECK(sdk::view(static_cast<const gw_str*>(raw.targets.items)[1]) == "t2");

    const sdk::message got = sdk::own(sdk::detail::to_view(*raw.message));
    CHECK(got.id == sent.id);
    CHECK(got.chat == sent.chat);
    CHECK(got.thread == sent.thread);
    CHECK(got.reply_to == sent.reply_to);
    CHECK(got.text == sent.text);
    CHECK(got.time_ms == sent.time_ms);
    CHECK(got.extra == sent.extra);
    CHECK(got.flags == sent.flags);
    CHECK(got.attachments == sent.attachments);
    CHECK(got.buttons == sent.buttons);
    check_sender(got.sender, sent.sender);
    check_sender(got.forwarded_from, sent.forwarded_from);
    REQUIRE(got.quote.has_value());
    CHECK(got.quote->text == "quoted");
    CHECK(got.quote->chosen);
    check_sender(got.quote->sender, sent.quote->sender);
}

TEST_CASE("messages: plain ones carry nothing along") {
    const auto copy = copied({.chat = "chat", .text = "hello"});
    CHECK(copy.enclosed == nullptr);
    const gateway::message::delivery carried{.kind = GW_DELIVERY_MESSAGE, .id = 1, .message = copy, .targets = {}};
    const borrowed_delivery handed(carried);
    CHECK(handed.get().message->attachments.count == 0);
    CHECK(handed.get().message->quote == nullptr);
    CHECK(handed.get().targets.count == 0);
}

TEST_CASE("messages: the source of an attachment is the host's to say") {
    sdk::message sent = full();
    sent.attachments[0].source = "somebody else";
    CHECK(copied(sent).enclosed->attachments[0].source.empty());
}

TEST_CASE("messages: too many attachments or buttons, and structs too small, are refused") {
    gateway::message::message copy;
    gw_attachment file{};
    file.struct_size = sizeof file;
    const std::vector<gw_attachment> many(GW_MAX_ATTACHMENTS + 1, file);
    gw_message raw{};
    raw.struct_size = sizeof raw;
    raw.attachments = {many.data(), GW_MAX_ATTACHMENTS + 1, sizeof(gw_attachment)};
    CHECK(copy_message(&raw, copy) == GW_ERR_LIMIT);
    raw.attachments.count = 1;
    CHECK(copy_message(&raw, copy) == GW_OK);
    raw.attachments.stride = sizeof(gw_attachment) - 8;
    CHECK(copy_message(&raw, copy) == GW_ERR_INVALID);
    raw.attachments = {};

    gw_button press{};
    press.struct_size = sizeof press;
    const std::vector<gw_button> buttons(GW_MAX_BUTTONS + 1, press);
    raw.buttons = {buttons.data(), GW_MAX_BUTTONS + 1, sizeof(gw_button)};
    CHECK(copy_message(&raw, copy) == GW_ERR_LIMIT);
    raw.buttons = {};

    const gw_quote small{.struct_size = 4, .flags = 0, .text = {}, .sender = nullptr};
    raw.quote = &small;
    CHECK(copy_message(&raw, copy) == GW_ERR_INVALID);
}

TEST_CASE("texts: an array of them may have any stride, but no more elements than are allowed") {
    struct spaced {
        gw_str text;
        std::uint64_t more;
    };
    const std::vector<spaced> three{{sdk::to_gw("a"), 0}, {sdk::to_gw("b"), 0}, {sdk::to_gw("c"), 0}};
    std::vector<std::string> read;
    CHECK(gateway::instance::copy_texts({three.data(), 3, sizeof(spaced)}, 3, read));
    CHECK(read == std::vector<std::string>{"a", "b", "c"});
    CHECK_FALSE(gateway::instance::copy_texts({three.data(), 3, sizeof(spaced)}, 2, read));
    CHECK_FALSE(gateway::instance::copy_texts({three.data(), 3, sizeof(gw_str) - 1}, 3, read));
    CHECK_FALSE(gateway::instance::copy_texts({nullptr, 3, sizeof(spaced)}, 3, read));
}
