// Edits, deletions, reactions, and how a message is shown: silently, without previews, with buttons.
#include "telegram_sender_rig.hpp"

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;
using sdk::delivery_kind;
using sdk::outcome;

namespace {

struct changing_rig : sending_rig {
    void edit(std::uint64_t id, std::string_view text, std::vector<std::string_view> targets,
              std::vector<sdk::attachment_view> files = {}) {
        deliver({.kind = delivery_kind::edit,
                 .id = sdk::delivery_id{id},
                 .message = {.chat = "7", .text = text, .attachments = std::move(files)},
                 .targets = std::move(targets)});
    }
    void remove(std::uint64_t id, std::vector<std::string_view> targets) {
        deliver({.kind = delivery_kind::remove,
                 .id = sdk::delivery_id{id},
                 .message = {.chat = "7"},
                 .targets = std::move(targets)});
    }
    void react(std::uint64_t id, std::string_view text, std::uint32_t flags = 0) {
        deliver({.kind = delivery_kind::reaction,
                 .id = sdk::delivery_id{id},
                 .message = {.chat = "7", .text = text, .flags = flags},
                 .targets = {"5", "6"}});
    }
    void say(const sdk::message_view& what) { deliver({.id = sdk::delivery_id{1}, .message = what}); }
    [[nodiscard]] std::string text_of(std::size_t index) const {
        return std::string(body(index).at("text").as_string());
    }
};

}  // namespace

TEST_CASE_FIXTURE(changing_rig, "telegram: a message may be silent, and its links without previews") {
    say({.chat = "7", .text = "x", .flags = GW_MESSAGE_SILENT | GW_MESSAGE_NO_PREVIEW});
    CHECK(sent.at(0).what.body == R"({"chat_id":7,"text":"x","disable_notification":true,)"
                                  R"("link_preview_options":{"is_disabled":true}})");
}

TEST_CASE_FIXTURE(changing_rig, "telegram: buttons stand in their rows below the last piece") {
    const std::string text = std::string(4096, 'a') + "\nb";
    say({.chat = "7",
         .text = text,
         .buttons = {{.row = 0, .text = "A", .data = "a"},
                     {.row = 0, .text = "B", .url = "https://b.example"},
                     {.row = 2, .text = "C", .data = "c"}}});
    CHECK_FALSE(body(0).contains("reply_markup"));
    ok(1, 10);
    CHECK(boost::json::serialize(body(1).at("reply_markup")) ==
          R"({"inline_keyboard":[[{"text":"A","callback_data":"a"},{"text":"B","url":"https://b.example"}],)"
          R"([{"text":"C","callback_data":"c"}]]})");
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a button that Telegram cannot have is refused before anything is sent") {
    const std::string fits(64, 'x');
    const std::string longer(65, 'x');
    say({.chat = "7", .text = "x", .buttons = {{.text = "A", .data = fits}}});
    CHECK(sent.size() == 1);
    say({.chat = "7", .text = "x", .buttons = {{.text = "A", .data = longer}}});
    say({.chat = "7", .text = "x", .buttons = {{.text = "A"}}});
    say({.chat = "7", .text = "x", .buttons = {{.text = "A", .data = "a", .url = "https://b.example"}}});
    say({.chat = "7", .text = "x", .buttons = {{.data = "a"}}});
    CHECK(sent.size() == 1);
    REQUIRE(receipts.size() == 4);
    CHECK(receipts[0].outcome == outcome::failed);
    CHECK(receipts[0].code == "button_too_long");
    CHECK(receipts[0].text.find("65") != std::string::npos);
    for (std::size_t index = 1; index < 4; ++index) {
        CHECK(receipts[index].code == "bad_button");
    }
}

TEST_CASE_FIXTURE(changing_rig, "telegram: an edit changes its message, and the receipt names it") {
    edit(1, "**new**", {"5"});
    CHECK(method(0) == "editMessageText");
    CHECK(sent.at(0).what.body == R"({"chat_id":7,"message_id":5,"text":"new",)"
                                  R"("entities":[{"type":"bold","offset":0,"length":3}]})");
    SUBCASE("and it works") {
        ok(1, 5);
    }
    SUBCASE("and it was so already") {
        refuse(1, 400, "Bad Request: message is not modified: specified new …");
    }
    CHECK(receipts.at(0) == sent_receipt(1, {"5"}, 1));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: an edit of more pieces than there are messages sends the others") {
    edit(1, three_pieces, {"5"});
    ok(1, 5);
    CHECK(method(1) == "sendMessage");
    CHECK(text_of(1) == std::string(4096, 'b'));
    ok(1, 20);
    ok(1, 21);
    CHECK(receipts.at(0) == sent_receipt(1, {"5", "20", "21"}, 3));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: an edit of fewer pieces than there are messages deletes the others") {
    edit(1, "short", {"5", "6", "7"});
    ok(1, 5);
    CHECK(method(1) == "deleteMessages");
    CHECK(sent.at(1).what.body == R"({"chat_id":7,"message_ids":[6,7]})");
    ok_true(1);
    CHECK(receipts.at(0) == sent_receipt(1, {"5"}, 2));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a message without a text gets its caption edited, and nothing is deleted") {
    edit(1, "_new_", {"5", "6"});
    refuse(1, 400, "Bad Request: there is no text in the message to edit");
    CHECK(method(1) == "editMessageCaption");
    CHECK(sent.at(1).what.body == R"({"chat_id":7,"message_id":5,"caption":"new",)"
                                  R"("caption_entities":[{"type":"italic","offset":0,"length":3}]})");
    ok(1, 5);
    CHECK(sent.size() == 2);
    CHECK(receipts.at(0) == sent_receipt(1, {"5", "6"}, 2));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a caption that grows over its bound goes on as a message") {
    edit(1, std::string(1024, 'a') + "\nrest", {"5"});
    refuse(1, 400, "Bad Request: there is no text in the message to edit");
    CHECK(body(1).at("caption").as_string() == std::string(1024, 'a'));
    ok(1, 5);
    CHECK(method(2) == "sendMessage");
    CHECK(text_of(2) == "rest");
    ok(1, 9);
    CHECK(receipts.at(0) == sent_receipt(1, {"5", "9"}, 3));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: an edit of a message with files leaves the files alone") {
    const std::vector<sdk::attachment_view> two{{.kind = sdk::attachment_kind::photo, .source = "dc", .id = "a"},
                                                {.kind = sdk::attachment_kind::photo, .source = "dc", .id = "b"}};
    SUBCASE("whose text is their caption") {
        edit(1, "new", {"5", "6"}, two);
        CHECK(method(0) == "editMessageCaption");
        CHECK(body(0).at("message_id").as_int64() == 5);
        ok(1, 5);
        CHECK(receipts.at(0) == sent_receipt(1, {"5", "6"}, 1));
    }
    SUBCASE("whose text follows them") {
        edit(1, "new", {"5", "6", "9", "10"}, two);
        CHECK(method(0) == "editMessageText");
        CHECK(body(0).at("message_id").as_int64() == 9);
        ok(1, 9);
        CHECK(sent.at(1).what.body == R"({"chat_id":7,"message_ids":[10]})");
        ok_true(1);
        CHECK(receipts.at(0) == sent_receipt(1, {"5", "6", "9"}, 2));
    }
    SUBCASE("whose text is taken away") {
        edit(1, "", {"5", "6"}, two);
        CHECK(sent.at(0).what.body == R"({"chat_id":7,"message_id":5,"caption":""})");
    }
    CHECK(wanted.empty());
}

TEST_CASE_FIXTURE(changing_rig, "telegram: deleting what is gone already is success") {
    remove(1, {"5", "6"});
    CHECK(method(0) == "deleteMessages");
    CHECK(sent.at(0).what.body == R"({"chat_id":7,"message_ids":[5,6]})");
    SUBCASE("and it works") {
        ok_true(1);
    }
    SUBCASE("and they are gone") {
        refuse(1, 400, "Bad Request: message to delete not found");
    }
    CHECK(receipts.at(0) == sent_receipt(1, {}, 1));
}

TEST_CASE_FIXTURE(changing_rig, "telegram: more deletions than one request takes are several") {
    const std::vector<std::string_view> targets(101, "5");
    remove(1, targets);
    CHECK(body(0).at("message_ids").as_array().size() == 100);
    ok_true(1);
    CHECK(body(1).at("message_ids").as_array().size() == 1);
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a reaction is one emoji as the platform writes it, or its own, or none") {
    struct {
        const char* text;
        std::uint32_t flags;
        const char* reaction;
    } const table[] = {{"👍", 0, R"([{"type":"emoji","emoji":"👍"}])"},
                       {"❤️", 0, R"([{"type":"emoji","emoji":"❤"}])"},  // with a variation selector
                       {"![👍](tg://emoji?id=55)", 0, R"([{"type":"custom_emoji","custom_emoji_id":"55"}])"},
                       {"![👍](dc://emoji/1)", 0, R"([{"type":"emoji","emoji":"👍"}])"},
                       {"👍", GW_MESSAGE_REMOVED, "[]"},
                       {"", GW_MESSAGE_REMOVED, "[]"}};
    std::uint64_t id = 0;
    for (const auto& each : table) {
        CAPTURE(each.text);
        react(++id, each.text, each.flags);
        REQUIRE(sent.size() == id);
        CHECK(method(id - 1) == "setMessageReaction");
        CHECK(body(id - 1).at("message_id").as_int64() == 5);
        CHECK(boost::json::serialize(body(id - 1).at("reaction")) == each.reaction);
        ok_true(id);
        CHECK(receipts.at(id - 1) == sent_receipt(id, {}, 1));
    }
    react(100, "");
    CHECK(receipts.back().code == "empty");
}

TEST_CASE_FIXTURE(changing_rig, "telegram: what is meant must be known, and be a message of Telegram") {
    edit(1, "x", {});
    remove(2, {});
    remove(3, {"5", "x"});
    remove(4, {"-5"});
    edit(5, "", {"5"});
    deliver({.kind = delivery_kind::member, .id = sdk::delivery_id{6}, .message = {.chat = "7", .text = "x"}});
    CHECK(sent.empty());
    const std::vector<std::string> codes{"no_target", "no_target", "bad_target", "bad_target", "empty", "unsupported"};
    REQUIRE(receipts.size() == codes.size());
    for (std::size_t index = 0; index < codes.size(); ++index) {
        CHECK(receipts[index].outcome == outcome::failed);
        CHECK(receipts[index].code == codes[index]);
    }
}

TEST_CASE("telegram: each refusal of a change has one outcome") {
    struct {
        delivery_kind kind;
        const char* description;
        const char* code;
    } const table[] = {{delivery_kind::edit, "Bad Request: message to edit not found", "message_not_found"},
                       {delivery_kind::edit, "Bad Request: message can't be edited", "not_editable"},
                       {delivery_kind::edit, "Bad Request: chat not found", "chat_not_found"},
                       {delivery_kind::remove, "Bad Request: message can't be deleted", "not_deletable"},
                       {delivery_kind::remove, "Bad Request: message is not modified", "http_400"},
                       {delivery_kind::reaction, "Bad Request: message to react not found", "message_not_found"},
                       {delivery_kind::reaction, "Bad Request: REACTION_INVALID", "reaction_not_allowed"}};
    for (const auto& each : table) {
        CAPTURE(each.description);
        changing_rig rig;
        rig.deliver(
            {.kind = each.kind, .id = sdk::delivery_id{1}, .message = {.chat = "7", .text = "👍"}, .targets = {"5"}});
        rig.refuse(1, 400, each.description);
        REQUIRE(rig.receipts.size() == 1);
        CHECK(rig.receipts[0].outcome == outcome::failed);
        CHECK(rig.receipts[0].code == each.code);
        CHECK(rig.under_test.idle());
    }
}

TEST_CASE_FIXTURE(changing_rig, "telegram: no caption either is a refusal") {
    edit(1, "x", {"5"});
    refuse(1, 400, "Bad Request: there is no text in the message to edit");
    refuse(1, 400, "Bad Request: there is no caption in the message to edit");
    CHECK(receipts.at(0).code == "not_editable");
    CHECK(receipts.at(0).calls == 2);
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a change whose answer is lost is repeated, since twice is once") {
    edit(1, "x", {"5"});
    break_call(1, sdk::status::network, "reset", true);
    remove(2, {"5"});
    answer_to(2, 502, "<html></html>");
    react(3, "👍");
    take(under_test.give_up());
    REQUIRE(receipts.size() == 3);
    for (const sdk::receipt& each : receipts) {
        CHECK(each.outcome == outcome::retry);
    }
    edit(4, three_pieces, {"5"});
    ok(4, 5);
    break_call(4, sdk::status::network, "reset", true);  // a new message among it
    CHECK(receipts.at(3).outcome == outcome::unknown);
}

TEST_CASE_FIXTURE(changing_rig, "telegram: a change in a group that became a supergroup is none of a message there") {
    edit(1, "x", {"5"});
    refuse(1, 400, "Bad Request: group chat was upgraded to a supergroup chat",
           R"(,"parameters":{"migrate_to_chat_id":-1005})");
    CHECK(sent.size() == 1);
    CHECK(receipts.at(0).outcome == outcome::failed);
    CHECK(receipts.at(0).code == "migrated");
}
