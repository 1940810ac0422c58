#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

const std::string image = "\x89PNG an image";

struct studio : telegram_model {
    studio() { hear(); }

    std::shared_ptr<pending_answer> album(json::array media, json::object more = {}) {
        json::object params{{"chat_id", chat}, {"media", std::move(media)}};
        for (const auto& member : more) {
            params[member.key()] = member.value();
        }
        std::vector<part> files;  // those that are referred to
        const auto text = json::serialize(params);
        for (const auto* name : {"one", "two"}) {
            if (text.find(std::string("attach://") + name) != std::string::npos) {
                files.push_back({name, "a.png", image});
            }
        }
        return upload("sendMediaGroup", params, files);
    }
};

json::object item(std::string_view type, std::string_view media, json::object more = {}) {
    more["type"] = type;
    more["media"] = media;
    return more;
}

json::array both(json::object first, json::object second) {
    return {std::move(first), std::move(second)};
}

}  // namespace

TEST_CASE("telegram server: each kind of file is sent by its method and shown in its field") {
    studio model;
    struct {
        const char* method;
        const char* field;
        json::object more;
        const char* shown;
    } const cases[] = {{"sendPhoto", "photo", {}, nullptr},
                       {"sendDocument", "document", {}, "file_name"},
                       {"sendVideo", "video", {{"duration", 3}, {"width", 4}, {"height", 5}}, "width"},
                       {"sendAnimation", "animation", {{"duration", 3}}, "duration"},
                       {"sendAudio", "audio", {{"performer", "P"}, {"title", "T"}}, "performer"},
                       {"sendVoice", "voice", {{"duration", 9}}, "duration"},
                       {"sendVideoNote", "video_note", {{"length", 100}}, "length"},
                       {"sendSticker", "sticker", {{"emoji", "😀"}}, "emoji"}};
    for (const auto& each : cases) {
        CAPTURE(each.method);
        auto params = each.more;
        params["chat_id"] = 7;
        const auto message = model.upload(each.method, params, {{each.field, "name.bin", image}})->result();
        REQUIRE(message.as_object().contains(each.field));
        if (each.shown != nullptr) {
            CHECK(message.at(each.field).as_object().contains(each.shown));
        }
        CHECK(model.bot.sent().back().at("method").as_string() == each.method);
        CHECK(model.call(each.method, {{"chat_id", 7}})->status() == 400);
    }
    CHECK(model.bot.sent().size() == std::size(cases));
}

TEST_CASE("telegram server: a photo comes in sizes, the largest last") {
    studio model;
    const auto sent = model.upload("sendPhoto", {{"chat_id", 7}}, {{"photo", "a", image}})->result();
    const auto& sizes = sent.at("photo").as_array();
    REQUIRE(sizes.size() == 3);
    CHECK(sizes[0].at("width").as_int64() < sizes[2].at("width").as_int64());
    CHECK(model.bot.files().find(sizes[2].at("file_id").as_string())->bytes == image);
}

TEST_CASE("telegram server: an animation is a document too") {
    studio model;
    const auto sent = model.upload("sendAnimation", {{"chat_id", 7}}, {{"animation", "a.mp4", "x"}})->result();
    CHECK(sent.at("animation").at("file_id") == sent.at("document").at("file_id"));
}

TEST_CASE("telegram server: a caption has at most 1024 characters after trimming, and entities") {
    studio model;
    const auto send = [&](std::string caption, json::array entities = {}) {
        return model.upload("sendVoice",
                            {{"chat_id", 7}, {"caption", std::move(caption)}, {"caption_entities", entities}},
                            {{"voice", "a", "x"}});
    };
    CHECK(send(" " + std::string(1024, 'a') + " ")->status() == 200);
    CHECK(send(std::string(1025, 'a'))->description() == "Bad Request: message caption is too long");
    const json::array bold{json::object{{"type", "bold"}, {"offset", 0}, {"length", 2}}};
    CHECK(send("ab c", bold)->result().at("caption_entities") == json::value(bold));
    CHECK(send("a", bold)->description().find("ends after the end of the text") != std::string::npos);
    CHECK_FALSE(send("  ")->result().as_object().contains("caption"));
    CHECK(model.upload("sendSticker", {{"chat_id", 7}, {"caption", "x"}}, {{"sticker", "a", "x"}})->status() == 400);
}

TEST_CASE("telegram server: an album's messages share a group, its first caption is theirs") {
    studio model;
    const json::array media = both(item("photo", "attach://one", {{"caption", "both"}}), item("video", "attach://two"));
    const auto sent = model.album(media, {{"reply_parameters", json::object{{"message_id", 1}}}})->result();
    REQUIRE(sent.as_array().size() == 2);
    CHECK(sent.at(0).at("media_group_id") == sent.at(1).at("media_group_id"));
    CHECK(sent.at(0).at("caption").as_string() == "both");
    CHECK(sent.at(1).at("message_id").as_int64() == sent.at(0).at("message_id").as_int64() + 1);
    CHECK(sent.at(1).at("reply_to_message").at("message_id").as_int64() == 1);
    CHECK(sent.at(1).as_object().contains("video"));
    CHECK(model.bot.sent().back().at("messages").as_array().size() == 2);
    const auto next = model.album(media)->result();
    CHECK(next.at(0).at("media_group_id") != sent.at(0).at("media_group_id"));
}

TEST_CASE("telegram server: an album that cannot be one is refused and nothing of it sent") {
    studio model;
    const auto photo = item("photo", "attach://one");
    const auto and_photo = [&](json::object second) { return both(photo, std::move(second)); };
    struct {
        json::array media;
        const char* description;
    } const cases[] = {
        {{}, "there are no messages to send"},
        {json::array(11, photo), "too many messages to send as an album"},
        {json::array(1, photo), "an album has 2-10 items (the real server would send one alone)"},
        {and_photo(item("document", "attach://two")), "document can't be mixed with other media types"},
        {both(item("audio", "attach://two"), photo), "audio can't be mixed with other media types"},
        {and_photo(item("animation", "attach://two")),
         "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup"},
        {and_photo(item("voice", "attach://two")), "can't parse InputMedia: type \"voice\" is unsupported"},
        {and_photo({{"type", "photo"}}), "can't parse InputMedia: media not found"},
        {and_photo(item("photo", "attach://two", {{"captoin", "x"}})),
         "can't parse InputMedia: unknown field \"captoin\" (the real server would ignore it)"},
        {and_photo(item("photo", "attach://two", {{"caption", std::string(1025, 'x')}})),
         "message caption is too long"}};
    for (const auto& each : cases) {
        CAPTURE(each.description);
        CHECK(model.album(each.media)->description() == "Bad Request: " + std::string(each.description));
    }
    CHECK(model.bot.sent().empty());
    CHECK(model.bot.find_chat(7)->messages.size() == 1);
}

TEST_CASE("telegram server: places, contacts and polls are messages of their own") {
    studio model;
    const auto send = [&](const char* method, json::object params) {
        params["chat_id"] = 7;
        return model.call(method, params);
    };
    CHECK(send("sendLocation", {{"latitude", 48.1}, {"longitude", "11.5"}})->result().at("location").at("longitude") ==
          11.5);
    CHECK(send("sendLocation", {{"latitude", 48.1}})->description() == "Bad Request: longitude is empty");
    CHECK(send("sendLocation", {{"latitude", 91}, {"longitude", 0}})->status() == 400);
    CHECK(send("sendVenue", {{"latitude", 1}, {"longitude", 2}, {"title", "Café"}, {"address", "Street 1"}})
              ->result()
              .at("venue")
              .at("title") == "Café");
    CHECK(
        send("sendContact", {{"phone_number", "+49"}, {"first_name", "A"}})->result().at("contact").at("first_name") ==
        "A");
    const json::array options{json::object{{"text", "yes"}}, "no"};
    const auto poll = send("sendPoll", {{"question", "Well?"}, {"options", options}})->result().at("poll");
    CHECK(poll.at("options").at(1).at("text") == "no");
    CHECK(poll.at("is_anonymous").as_bool());
    CHECK(send("sendPoll", {{"question", "Well?"}})->description() ==
          "Bad Request: poll must have at least one answer option");
    CHECK(send("sendPoll", {{"question", std::string(301, '?')}, {"options", options}})->description() ==
          "Bad Request: poll question length must not exceed 300");
}
