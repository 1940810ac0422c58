// Attachments: by which way a file goes, which are sent together, and what becomes of those that cannot be.
#include "telegram_sender_rig.hpp"

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;
using sdk::attachment_kind;
using sdk::attachment_view;
using sdk::outcome;

namespace {

struct file_rig : sending_rig {
    void send(std::uint64_t id, std::string_view text, std::vector<attachment_view> files,
              std::vector<sdk::button_view> buttons = {}, std::uint32_t attempt = 1) {
        deliver(
            {.id = sdk::delivery_id{id},
             .attempt = attempt,
             .message = {.chat = "7", .text = text, .attachments = std::move(files), .buttons = std::move(buttons)}});
    }
    void got(std::uint64_t id, std::string_view path, std::int64_t size = 5) {
        take(under_test.got(sdk::delivery_id{id}, {.path = path, .size = size}));
    }
    void not_got(std::uint64_t id, sdk::status why) {
        take(under_test.got(sdk::delivery_id{id}, {.result = why, .code = "gone", .text = "It is gone."}));
    }
    [[nodiscard]] std::string text_of(std::size_t index) const {
        return std::string(body(index).at("text").as_string());
    }
};

attachment_view photo(std::string_view path) {
    return {.kind = attachment_kind::photo, .path = path, .name = "p.jpg", .mime_type = "image/jpeg"};
}
attachment_view of(attachment_kind kind, std::string_view path = "/f") {
    return {.kind = kind, .path = path};
}
attachment_view elsewhere(std::string_view url = {}) {
    return {.kind = attachment_kind::photo, .source = "dc", .id = "d1", .url = url, .name = "p.jpg"};
}

}  // namespace

TEST_CASE_FIXTURE(file_rig, "telegram: a file goes by its id, its path, what the host gets, its URL, in this order") {
    attachment_view file{.kind = attachment_kind::photo,
                         .source = "tg",
                         .id = "AgAC",
                         .url = "https://x.example/p.jpg",
                         .path = "/p.jpg"};
    send(1, "", {file});
    CHECK(method(0) == "sendPhoto");
    CHECK(sent.at(0).what.body == R"({"chat_id":7,"photo":"AgAC"})");
    file.source = "dc";
    send(2, "", {file});
    CHECK(field(1, "photo").path == "/p.jpg");
    file.path = "relative.jpg";
    send(3, "", {file});
    CHECK(sent.size() == 2);
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0].source == "dc");
    CHECK(wanted[0].file == "AgAC");
    CHECK(wanted[0].max_size == max_upload_bytes);
    got(3, "/cache/1");
    CHECK(field(2, "photo").path == "/cache/1");
    file.id = "";
    send(4, "", {file});
    CHECK(sent.at(3).what.body == R"({"chat_id":7,"photo":"https://x.example/p.jpg"})");
    CHECK(sent.at(3).total_timeout == sender::file_total_timeout);
}

TEST_CASE_FIXTURE(file_rig, "telegram: an upload is a form, with the file's name, type and properties") {
    deliver({.id = sdk::delivery_id{1},
             .message = {.chat = "@news",
                         .reply_to = "9",
                         .text = "**hi**",
                         .flags = GW_MESSAGE_SILENT,
                         .attachments = {{.kind = attachment_kind::video,
                                          .spoiler = true,
                                          .width = 640,
                                          .height = 480,
                                          .duration_ms = 3'900,
                                          .path = "/v",
                                          .name = "a\"b/\n.mp4",
                                          .mime_type = "video/mp4"}}}});
    CHECK(method(0) == "sendVideo");
    CHECK(sent.at(0).what.body.empty());
    std::vector<std::pair<std::string, std::string>> fields;
    for (const sdk::http_field& each : sent.at(0).what.form) {
        fields.emplace_back(each.name, each.value);
    }
    const std::vector<std::pair<std::string, std::string>> wanted_fields{
        {"chat_id", "@news"},
        {"has_spoiler", "true"},
        {"duration", "3"},
        {"width", "640"},
        {"height", "480"},
        {"caption", "hi"},
        {"caption_entities", R"([{"type":"bold","offset":0,"length":2}])"},
        {"disable_notification", "true"},
        {"reply_parameters", R"({"message_id":9,"allow_sending_without_reply":true})"},
        {"video", ""}};
    CHECK(fields == wanted_fields);
    CHECK(field(0, "video").path == "/v");
    CHECK(field(0, "video").file_name == "a_b__.mp4");
    CHECK(field(0, "video").content_type == "video/mp4");
}

TEST_CASE("telegram: each kind of file has its method") {
    struct {
        attachment_kind kind;
        const char* method;
        const char* field;
    } const table[] = {{attachment_kind::file, "sendDocument", "document"},
                       {attachment_kind::photo, "sendPhoto", "photo"},
                       {attachment_kind::audio, "sendAudio", "audio"},
                       {attachment_kind::voice, "sendVoice", "voice"},
                       {attachment_kind::video, "sendVideo", "video"},
                       {attachment_kind::video_note, "sendVideoNote", "video_note"},
                       {attachment_kind::animation, "sendAnimation", "animation"},
                       {attachment_kind::sticker, "sendSticker", "sticker"},
                       {attachment_kind{99}, "sendDocument", "document"}};
    for (const auto& each : table) {
        CAPTURE(each.method);
        file_rig rig;
        rig.send(1, "", {of(each.kind)});
        CHECK(rig.method(0) == each.method);
        CHECK(rig.field(0, each.field).path == "/f");
        CHECK_FALSE(rig.field(0, each.field).file_name.empty());
        CHECK(rig.field(0, each.field).content_type.empty());
    }
}

TEST_CASE_FIXTURE(file_rig, "telegram: a text is a caption when it fits, else it follows") {
    SUBCASE("1024 units") {
        send(1, std::string(1020, 'a') + "😀😀", {photo("/p")});
        ok(1, 5);
        CHECK(receipts.at(0) == sent_receipt(1, {"5"}, 1));
    }
    SUBCASE("more") {
        const std::string text = std::string(1021, 'a') + "😀😀";
        send(1, text, {photo("/p")});
        CHECK(field(0, "caption").value.empty());
        ok(1, 5);
        CHECK(text_of(1) == text);
        ok(1, 6);
        CHECK(receipts.at(0) == sent_receipt(1, {"5", "6"}, 2));
    }
    SUBCASE("kinds without captions") {
        send(1, "hi", {of(attachment_kind::sticker)});
        ok(1, 5);
        CHECK(text_of(1) == "hi");
    }
}

TEST_CASE_FIXTURE(file_rig, "telegram: photos and videos are an album, documents another, the rest goes alone") {
    send(1, "hi",
         {photo("/1"), of(attachment_kind::video, "/2"), of(attachment_kind::file, "/3"),
          of(attachment_kind::file, "/4"), of(attachment_kind::voice, "/5"), of(attachment_kind::voice, "/6"),
          of(attachment_kind::audio, "/7")});
    CHECK(method(0) == "sendMediaGroup");
    CHECK(field(0, "media").value ==
          R"([{"type":"photo","media":"attach://file0","caption":"hi"},{"type":"video","media":"attach://file1"}])");
    CHECK(field(0, "file0").path == "/1");
    CHECK(field(0, "file1").path == "/2");
    answer_to(1, 200, R"({"ok":true,"result":[{"message_id":5},{"message_id":6}]})");
    CHECK(method(1) == "sendMediaGroup");
    CHECK(field(1, "media").value ==
          R"([{"type":"document","media":"attach://file0"},{"type":"document","media":"attach://file1"}])");
    answer_to(1, 200, R"({"ok":true,"result":[{"message_id":7},{"message_id":8}]})");
    for (const char* next : {"sendVoice", "sendVoice", "sendAudio"}) {
        CHECK(sent.back().what.method == next);
        ok(1, static_cast<int>(sent.size()) + 6);
    }
    CHECK(receipts.at(0) == sent_receipt(1, {"5", "6", "7", "8", "9", "10", "11"}, 5));
}

TEST_CASE_FIXTURE(file_rig, "telegram: an album has ten files at most, and what is left over goes alone") {
    send(1, "", std::vector<attachment_view>(11, photo("/p")));
    CHECK(sent.at(0).what.form.size() == 12);
    answer_to(1, 200, R"({"ok":true,"result":[{"message_id":5}]})");
    CHECK(method(1) == "sendPhoto");
}

TEST_CASE_FIXTURE(file_rig, "telegram: buttons are below the last message, which is no album") {
    const std::vector<sdk::button_view> buttons{{.text = "A", .data = "a"}};
    SUBCASE("one file") {
        send(1, "hi", {photo("/1")}, buttons);
        CHECK(field(0, "caption").value == "hi");
        CHECK_FALSE(field(0, "reply_markup").value.empty());
    }
    SUBCASE("an album and a text") {
        send(1, "hi", {photo("/1"), photo("/2")}, buttons);
        CHECK(method(0) == "sendMediaGroup");
        CHECK(field(0, "reply_markup").value.empty());
        answer_to(1, 200, R"({"ok":true,"result":[{"message_id":5},{"message_id":6}]})");
        CHECK(text_of(1) == "hi");
        CHECK(body(1).contains("reply_markup"));
    }
    SUBCASE("an album alone") {
        send(1, "", {photo("/1"), photo("/2")}, buttons);
        CHECK(method(0) == "sendPhoto");
        CHECK(field(0, "reply_markup").value.empty());
        ok(1, 5);
        CHECK_FALSE(field(1, "reply_markup").value.empty());
    }
}

TEST_CASE_FIXTURE(file_rig, "telegram: what is too large is said before anything is sent") {
    attachment_view file = photo("/p");
    SUBCASE("by what is known of it") {
        file.size = max_upload_bytes + 1;
        send(1, "hi", {file});
    }
    SUBCASE("by what the host got") {
        send(1, "hi", {elsewhere()});
        got(1, "/cache/1", max_upload_bytes + 1);
    }
    SUBCASE("by what the host did not get") {
        send(1, "hi", {elsewhere()});
        not_got(1, sdk::status::too_large);
    }
    CHECK(sent.empty());
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].outcome == outcome::failed);
    CHECK(receipts[0].code == "too_large");
    CHECK(receipts[0].text == "p.jpg is larger than 50 MB, which is the most that Telegram takes from a bot.");
    CHECK(under_test.idle());
}

TEST_CASE_FIXTURE(file_rig, "telegram: the bounds of uploads do not concern what is not uploaded") {
    attachment_view file = photo("");
    file.size = max_upload_bytes + 1;
    file.source = "tg";
    file.id = "AgAC";
    send(1, "hi", {file});
    CHECK(method(0) == "sendPhoto");
}

TEST_CASE_FIXTURE(file_rig, "telegram: a photo that is none to Telegram goes as a document") {
    SUBCASE("too large for one") {
        attachment_view file = photo("/p");
        file.size = max_photo_bytes + 1;
        send(1, "hi", {file});
        CHECK(sent.size() == 1);
    }
    SUBCASE("refused as one") {
        const char* description = "";
        SUBCASE("by its shape") {
            description = "Bad Request: PHOTO_INVALID_DIMENSIONS";
        }
        SUBCASE("by its content") {
            description = "Bad Request: IMAGE_PROCESS_FAILED";
        }
        SUBCASE("by its size") {
            description = "Bad Request: file of size 12000000 bytes is too big for a photo";
        }
        send(1, "hi", {photo("/p")});
        refuse(1, 400, description);
        CHECK(receipts.empty());
        CHECK(sent.size() == 2);
    }
    CHECK(sent.back().what.method == "sendDocument");
    CHECK(field(sent.size() - 1, "document").path == "/p");
    CHECK(field(sent.size() - 1, "caption").value == "hi");
    refuse(1, 400, "Bad Request: IMAGE_PROCESS_FAILED");  // as a document too
    CHECK(receipts.at(0).outcome == outcome::failed);
}

TEST_CASE_FIXTURE(file_rig, "telegram: an album with something in it that is refused goes file by file") {
    send(1, "hi", {photo("/1"), photo("/2")});
    refuse(1, 400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    CHECK(method(1) == "sendPhoto");
    CHECK(field(1, "caption").value == "hi");
    ok(1, 5);
    CHECK(method(2) == "sendPhoto");
    refuse(1, 400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    CHECK(method(3) == "sendDocument");
    CHECK(field(3, "document").path == "/2");
    ok(1, 6);
    CHECK(receipts.at(0) == sent_receipt(1, {"5", "6"}, 4));
}

TEST_CASE_FIXTURE(file_rig, "telegram: a file that cannot be got is named in the text") {
    SUBCASE("by the host") {
        send(1, "hi", {elsewhere()});
        not_got(1, sdk::status::not_found);
        CHECK(text_of(0) == "hi\n[p.jpg: could not be fetched]");
    }
    SUBCASE("without a text") {
        send(1, "", {elsewhere()});
        not_got(1, sdk::status::not_found);
        CHECK(text_of(0) == "[p.jpg: could not be fetched]");
    }
    SUBCASE("without any way to it") {
        send(1, "hi", {{.kind = attachment_kind::voice}});
        CHECK(text_of(0) == "hi\n[voice message: could not be fetched]");
    }
    SUBCASE("beside one that can be") {
        send(1, "hi", {elsewhere(), photo("/p")});
        not_got(1, sdk::status::not_found);
        CHECK(field(0, "caption").value == "hi\n[p.jpg: could not be fetched]");
    }
    SUBCASE("since it cannot be read") {
        send(1, "hi", {photo("/p")});
        break_call(1, sdk::status::io, "file", false);
        CHECK(text_of(1) == "hi\n[p.jpg: could not be fetched]");
    }
    SUBCASE("since the platform cannot fetch it") {
        send(1, "hi", {{.kind = attachment_kind::photo, .url = "https://x.example/p", .name = "p.jpg"}});
        refuse(1, 400, "Bad Request: failed to get HTTP URL content");
        CHECK(text_of(1) == "hi\n[p.jpg: could not be fetched]");
    }
    SUBCASE("since the platform does not know it") {
        send(1, "hi", {{.kind = attachment_kind::photo, .source = "tg", .id = "x", .name = "p.jpg"}});
        refuse(1, 400, "Bad Request: wrong file identifier/HTTP URL specified");
        CHECK(text_of(1) == "hi\n[p.jpg: could not be fetched]");
    }
    ok(1, 5);
    CHECK(receipts.at(0).outcome == outcome::sent);
}

TEST_CASE_FIXTURE(file_rig, "telegram: a file that cannot be got goes by its URL, if it has one") {
    send(1, "hi", {elsewhere("https://x.example/p.jpg")});
    not_got(1, sdk::status::too_large);
    CHECK(sent.at(0).what.body == R"({"chat_id":7,"photo":"https://x.example/p.jpg","caption":"hi"})");
}

TEST_CASE_FIXTURE(file_rig, "telegram: a file that may be got later is asked for again, twice") {
    for (std::uint32_t attempt = 1; attempt < sender::file_attempts; ++attempt) {
        send(1, "hi", {elsewhere()}, {}, attempt);
        not_got(1, sdk::status::network);
        REQUIRE(receipts.size() == attempt);
        CHECK(receipts.back().outcome == outcome::retry);
        CHECK(receipts.back().code == "gone");
    }
    send(1, "hi", {elsewhere()}, {}, sender::file_attempts);
    not_got(1, sdk::status::network);
    CHECK(text_of(0) == "hi\n[p.jpg: could not be fetched]");
}

TEST_CASE_FIXTURE(file_rig, "telegram: files are got one by one, and those of few deliveries at a time") {
    send(1, "hi", {elsewhere(), photo("/p"), elsewhere()});
    CHECK(wanted.size() == 1);
    got(1, "/cache/1");
    CHECK(wanted.size() == 2);
    CHECK(sent.empty());
    got(1, "/cache/2");
    REQUIRE(sent.size() == 1);
    CHECK(method(0) == "sendMediaGroup");
    CHECK(field(0, "file2").path == "/cache/2");
    wanted.clear();
    for (std::uint64_t id = 2; id < 2 + sender::max_getting + 2; ++id) {
        send(id, "hi", {elsewhere()});
    }
    CHECK(wanted.size() == sender::max_getting);
    got(2, "/cache/1");
    CHECK(wanted.size() == sender::max_getting + 1);
    CHECK(wanted.back().id == sdk::delivery_id{2 + sender::max_getting});
    not_got(3, sdk::status::too_large);
    CHECK(wanted.size() == sender::max_getting + 2);
    deliver(100, "8", "texts go on");
    CHECK(sent.back().id == sdk::delivery_id{100});
}

TEST_CASE_FIXTURE(file_rig, "telegram: closing hands back what waits for files") {
    send(1, "hi", {elsewhere()});
    CHECK_FALSE(under_test.idle());
    take(under_test.close());
    CHECK(receipts.at(0).outcome == outcome::retry);
    CHECK(under_test.idle());
    not_got(1, sdk::status::cancelled);
    CHECK(receipts.size() == 1);
    CHECK(sent.empty());
}

TEST_CASE_FIXTURE(file_rig, "telegram: a repeat does not send again which files are there") {
    send(1, "hi", {elsewhere(), of(attachment_kind::voice)});
    got(1, "/cache/1");
    ok(1, 5);
    refuse(1, 429, "Too Many Requests");
    CHECK(receipts.at(0).outcome == outcome::retry);
    send(1, "hi", {elsewhere(), of(attachment_kind::voice)});
    CHECK(wanted.size() == 1);
    CHECK(method(2) == "sendVoice");
    ok(1, 6);
    CHECK(receipts.at(1) == sent_receipt(1, {"5", "6"}, 1));
}

TEST_CASE_FIXTURE(file_rig, "telegram: a voice message to somebody who takes none is refused as that") {
    send(1, "", {of(attachment_kind::voice)});
    refuse(1, 400, "Bad Request: VOICE_MESSAGES_FORBIDDEN");
    CHECK(receipts.at(0).outcome == outcome::failed);
    CHECK(receipts.at(0).code == "voice_forbidden");
}

TEST_CASE_FIXTURE(file_rig, "telegram: a file whose answer is lost may have been sent") {
    send(1, "", {of(attachment_kind::voice)});
    break_call(1, sdk::status::timeout, "timeout_idle", true);
    CHECK(receipts.at(0).outcome == outcome::unknown);
}
