#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

const std::string image = "GIF8 an image";
constexpr auto not_modified =
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message";

json::object keyboard(std::string_view data) {
    const json::object button{{"text", "A"}, {"callback_data", data}};
    return {{"inline_keyboard", json::array{json::array{button}}}};
}

struct editor : telegram_model {
    editor() {
        hear();                                                                                      // 1
        call("sendMessage", {{"chat_id", 7}, {"text", "text"}, {"reply_markup", keyboard("a")}});    // 2
        upload("sendPhoto", {{"chat_id", 7}, {"caption", "caption"}}, {{"photo", "a.gif", image}});  // 3
        upload("sendVoice", {{"chat_id", 7}}, {{"voice", "a.ogg", "x"}});                            // 4
        upload("sendVideoNote", {{"chat_id", 7}}, {{"video_note", "a.mp4", "x"}});                   // 5
    }

    std::shared_ptr<pending_answer> edit(std::string_view method, int message, json::object params) {
        params["chat_id"] = 7;
        params["message_id"] = message;
        return call(method, params);
    }
};

}  // namespace

TEST_CASE("telegram server: an edit that differs in entities or keyboard alone is one") {
    editor model;
    const auto edit = [&](json::object params) {
        params["text"] = "text";
        return model.edit("editMessageText", 2, std::move(params));
    };
    CHECK(edit({{"reply_markup", keyboard("a")}})->description() == not_modified);
    CHECK(edit({{"reply_markup", keyboard("b")}})->status() == 200);
    CHECK(edit({{"reply_markup", keyboard("b")}})->description() == not_modified);
    const json::array bold{json::object{{"type", "bold"}, {"offset", 0}, {"length", 4}}};
    CHECK(edit({{"reply_markup", keyboard("b")}, {"entities", bold}})->result().at("entities") == json::value(bold));
    const auto bare = edit({})->result();
    CHECK_FALSE(bare.as_object().contains("reply_markup"));
    CHECK_FALSE(bare.as_object().contains("entities"));
    CHECK(edit({})->description() == not_modified);
}

TEST_CASE("telegram server: text and caption are edited where there is one") {
    editor model;
    CHECK(model.edit("editMessageCaption", 3, {{"caption", "new"}})->result().at("caption") == "new");
    CHECK(model.edit("editMessageCaption", 3, {{"caption", " new "}})->description() == not_modified);
    CHECK_FALSE(model.edit("editMessageCaption", 3, {})->result().as_object().contains("caption"));
    CHECK(model.edit("editMessageCaption", 4, {{"caption", "of a voice"}})->status() == 200);
    for (const int message : {2, 5}) {
        CHECK(model.edit("editMessageCaption", message, {{"caption", "x"}})->description() ==
              "Bad Request: there is no caption in the message to edit");
    }
    CHECK(model.edit("editMessageText", 3, {{"text", "x"}})->description() ==
          "Bad Request: there is no text in the message to edit");
    CHECK(model.edit("editMessageCaption", 3, {{"caption", std::string(1025, 'x')}})->description() ==
          "Bad Request: message caption is too long");
}

TEST_CASE("telegram server: others' messages and messages that are gone cannot be edited, by any method") {
    editor model;
    const json::object media{{"type", "photo"}, {"media", "attach://part"}};
    struct {
        const char* method;
        json::object params;
    } const cases[] = {{"editMessageText", {{"text", "x"}}},
                       {"editMessageCaption", {{"caption", "x"}}},
                       {"editMessageReplyMarkup", {}}};
    for (const auto& each : cases) {
        CAPTURE(each.method);
        CHECK(model.edit(each.method, 1, each.params)->description() == "Bad Request: message can't be edited");
        CHECK(model.edit(each.method, 99, each.params)->description() == "Bad Request: message to edit not found");
    }
    CHECK(
        model.upload("editMessageMedia", {{"chat_id", 7}, {"message_id", 1}, {"media", media}}, {{"part", "a", image}})
            ->description() == "Bad Request: message can't be edited");
}

TEST_CASE("telegram server: a keyboard is edited by itself, and taken away by none") {
    editor model;
    CHECK(model.edit("editMessageReplyMarkup", 2, {{"reply_markup", keyboard("a")}})->description() == not_modified);
    CHECK(model.edit("editMessageReplyMarkup", 2, {{"reply_markup", keyboard("b")}})->result().at("text") == "text");
    CHECK_FALSE(model.edit("editMessageReplyMarkup", 2, {})->result().as_object().contains("reply_markup"));
    CHECK(model.edit("editMessageReplyMarkup", 2, {})->description() == not_modified);
    CHECK(model.edit("editMessageReplyMarkup", 2, {{"reply_markup", json::object{{"force_reply", true}}}})
              ->description() == "Bad Request: inline keyboard expected");
}

TEST_CASE("telegram server: media is replaced by other media, with the caption that comes with it") {
    editor model;
    const auto edit = [&](int message, json::object media) {
        return model.upload("editMessageMedia", {{"chat_id", 7}, {"message_id", message}, {"media", media}},
                            {{"part", "b.pdf", image}});
    };
    const json::object document{{"type", "document"}, {"media", "attach://part"}};
    const auto changed = edit(3, document)->result().as_object();
    CHECK(changed.at("document").at("file_name") == "b.pdf");
    CHECK_FALSE(changed.contains("photo"));
    CHECK_FALSE(changed.contains("caption"));
    CHECK(edit(2, document)->description() == "Bad Request: there is no media in the message to edit");
    CHECK(edit(4, document)->description() == "Bad Request: message media can't be edited");
    CHECK(model.edit("editMessageMedia", 3, {})->description() == "Bad Request: input media is not specified");
}

TEST_CASE("telegram server: an album's photo does not become a document") {
    editor model;
    const json::object photo{{"type", "photo"}, {"media", "attach://part"}};
    const auto album =
        model.upload("sendMediaGroup", {{"chat_id", 7}, {"media", json::array{photo, photo}}}, {{"part", "a", image}});
    const auto id = album->result().at(0).at("message_id");
    const json::object document{{"type", "document"}, {"media", "attach://part"}};
    const json::object video{{"type", "video"}, {"media", "attach://part"}};
    const auto edit = [&](const json::object& media) {
        return model.upload("editMessageMedia", {{"chat_id", 7}, {"message_id", id}, {"media", media}},
                            {{"part", "a", image}});
    };
    CHECK(edit(document)->description() == "Bad Request: can't change media type in the album");
    CHECK(edit(video)->status() == 200);
}

TEST_CASE("telegram server: a button does one thing, and its data has 1 to 64 bytes") {
    editor model;
    const auto refusal = [&](const json::object& button) {
        const json::object markup{{"inline_keyboard", json::array{json::array{button}}}};
        const auto answer = model.call("sendMessage", {{"chat_id", 7}, {"text", "x"}, {"reply_markup", markup}});
        return answer->status() == 200 ? std::string() : answer->description();
    };
    const auto with_data = [](std::string data) { return json::object{{"text", "A"}, {"callback_data", data}}; };
    CHECK(refusal(with_data(std::string(64, 'x'))).empty());
    CHECK(refusal(with_data(std::string(65, 'x'))) == "Bad Request: BUTTON_DATA_INVALID");
    CHECK(refusal(with_data("")) == "Bad Request: BUTTON_DATA_INVALID");
    CHECK(refusal({{"text", "A"}, {"url", "https://example.org/"}}).empty());
    CHECK(refusal({{"text", "A"}}) ==
          "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
    CHECK(refusal({{"text", ""}, {"url", "x"}}).find("must be an Object with a \"text\"") != std::string::npos);
    CHECK(refusal({{"text", "A"}, {"callbackdata", "x"}}).find("unknown field \"callbackdata\"") != std::string::npos);
}

TEST_CASE("telegram server: a keyboard has at most a hundred buttons") {
    editor model;
    const json::array row(10, json::object{{"text", "A"}, {"callback_data", "a"}});
    const auto send = [&](std::size_t rows) {
        const json::object markup{{"inline_keyboard", json::array(rows, row)}};
        return model.call("sendMessage", {{"chat_id", 7}, {"text", "x"}, {"reply_markup", markup}});
    };
    CHECK(send(10)->status() == 200);
    CHECK(send(11)->description() == "Bad Request: reply markup is too long");
}
