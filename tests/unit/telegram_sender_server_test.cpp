// What the sender sends, against the strict model of the Bot API: everything is accepted, and each receipt names what
// the model has. The requests themselves are in golden/telegram_out/requests.json.
#include "telegram_sender_rig.hpp"
#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>

using namespace gateway;
using namespace gateway::telegram;
using sdk::attachment_kind;
using sdk::delivery_kind;
using sdk::outcome;

namespace {

namespace json = boost::json;

// Carries requests to the model and its answers back, until nothing is left.
struct talking_rig : test::telegram_model, sending_rig {
    std::map<std::string, std::string> disk{{"/image", "\x89PNG an image"}, {"/data", "some bytes"}};
    json::array transcript;
    std::size_t done = 0;
    std::size_t done_typing = 0;

    talking_rig() { hear(); }

    std::shared_ptr<test::pending_answer> carry(const request& what) {
        json::object note{{"method", what.method}};
        if (what.form.empty()) {
            json::object parameters = json::parse(what.body).as_object();
            note["body"] = parameters;
            transcript.push_back(std::move(note));
            return call(what.method, parameters);
        }
        json::object parameters;
        json::object form;
        std::vector<part> files;
        for (const sdk::http_field& each : what.form) {
            if (each.path.empty()) {
                parameters[each.name] = each.value;
                form[each.name] = each.value;
            } else {
                files.push_back({each.name, each.file_name, disk.at(each.path)});
                form[each.name] =
                    json::object{{"path", each.path}, {"file_name", each.file_name}, {"type", each.content_type}};
            }
        }
        note["form"] = std::move(form);
        transcript.push_back(std::move(note));
        return upload(what.method, parameters, files);
    }
    void settle() {
        for (; done_typing < typed.size(); ++done_typing) {
            const act::type next = typed[done_typing];
            const auto answer = carry(next.what);
            CHECK(answer->status() == 200);
            const auto response = answer->response.value();
            under_test.typed(next.where, parse_answer({.http_status = 200, .body = response.body}, {}), now);
        }
        while (done < sent.size()) {
            const act::send next = sent[done++];
            const auto answer = carry(next.what);
            REQUIRE(answer->here());
            INFO(answer->response->body);
            CHECK(api.requests().back().malformed.empty());
            answer_to(static_cast<std::uint64_t>(next.id), static_cast<int>(answer->response->status),
                      answer->response->body);
        }
    }
    // The ids of what came of it.
    std::vector<std::string> run(const sdk::delivery_view& what) {
        receipts.clear();
        deliver(what);
        settle();
        REQUIRE(receipts.size() == 1);
        CAPTURE(receipts[0].code);
        CAPTURE(receipts[0].text);
        CHECK(receipts[0].outcome == outcome::sent);
        return receipts[0].message_ids;
    }
    [[nodiscard]] const json::object& message(const std::string& id) {
        return bot.find_chat(chat)->messages.at(std::stoll(id));
    }
};

std::string golden(const char* name) {
    std::ifstream file(std::string(GATEWAY_GOLDEN_DIR "/telegram_out/") + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

sdk::attachment_view on_disk(attachment_kind kind, std::string_view path, std::string_view name = {}) {
    return {.kind = kind, .path = path, .name = name};
}

}  // namespace

TEST_CASE_FIXTURE(talking_rig, "telegram: everything that is sent is accepted by the server, and is as written down") {
    const std::string known = bot.files().add(test::media_kind::photo, {.bytes = "\x89PNG known"}).id;
    bot.files().put_on_web("https://x.example/p.png", {.bytes = "\x89PNG of the web"});
    std::uint64_t id = 0;
    const auto say = [&](sdk::message_view what) {
        what.chat = "7";
        return run({.id = sdk::delivery_id{++id}, .message = std::move(what)});
    };
    const auto change = [&](delivery_kind kind, sdk::message_view what, const std::vector<std::string>& targets) {
        what.chat = "7";
        return run({.kind = kind,
                    .id = sdk::delivery_id{++id},
                    .message = std::move(what),
                    .targets = {targets.begin(), targets.end()}});
    };

    const auto text =
        say({.reply_to = "1",
             .text = "**bold** [link](https://x.example) `code`",
             .flags = GW_MESSAGE_SILENT | GW_MESSAGE_NO_PREVIEW,
             .buttons = {{.row = 0, .text = "A", .data = "a"}, {.row = 1, .text = "B", .url = "https://b.example"}}});
    REQUIRE(text.size() == 1);
    CHECK(message(text[0]).at("text").as_string() == "bold link code");
    CHECK(message(text[0]).contains("reply_markup"));
    say({.reply_to = "999", .text = "to something vanished"});

    for (const attachment_kind kind :
         {attachment_kind::file, attachment_kind::audio, attachment_kind::voice, attachment_kind::video,
          attachment_kind::video_note, attachment_kind::animation, attachment_kind::sticker}) {
        sdk::attachment_view file = on_disk(kind, "/data");
        file.width = 64;
        file.height = 64;
        file.duration_ms = 2'000;
        file.text = "😀";
        file.spoiler = true;
        file.mime_type = "application/x-test";
        CHECK(say({.attachments = {file}}).size() == 1);
    }
    const auto photo = say({.reply_to = "1",
                            .text = "_caption_",
                            .flags = GW_MESSAGE_SILENT,
                            .attachments = {on_disk(attachment_kind::photo, "/image", "p.png")},
                            .buttons = {{.text = "A", .data = "a"}}});
    REQUIRE(photo.size() == 1);
    CHECK(message(photo[0]).at("caption").as_string() == "caption");
    const auto album = say({.text = "an _album_",
                            .attachments = {on_disk(attachment_kind::photo, "/image", "p.png"),
                                            {.kind = attachment_kind::photo, .source = "tg", .id = known},
                                            {.kind = attachment_kind::photo, .url = "https://x.example/p.png"},
                                            on_disk(attachment_kind::video, "/data", "v.mp4")}});
    REQUIRE(album.size() == 4);
    CHECK(message(album[0]).at("caption").as_string() == "an album");
    CHECK(message(album[3]).contains("video"));
    CHECK(say({.attachments = {on_disk(attachment_kind::file, "/data", "a.txt"),
                               on_disk(attachment_kind::file, "/data", "b.txt")}})
              .size() == 2);
    // No image: as a document.
    const auto no_photo = say({.attachments = {on_disk(attachment_kind::photo, "/data", "p.jpg")}});
    CHECK(message(no_photo.at(0)).contains("document"));

    CHECK(change(delivery_kind::edit, {.text = "~~new~~", .flags = GW_MESSAGE_NO_PREVIEW}, text) == text);
    CHECK(message(text[0]).at("text").as_string() == "new");
    CHECK_FALSE(message(text[0]).contains("reply_markup"));
    CHECK(change(delivery_kind::edit, {.text = "~~new~~", .flags = GW_MESSAGE_NO_PREVIEW}, text) == text);
    CHECK(change(delivery_kind::edit, {.text = "**new**"}, photo) == photo);
    CHECK(message(photo[0]).at("caption").as_string() == "new");
    CHECK(change(delivery_kind::edit, {.text = "album, new"}, album) == album);
    CHECK(message(album[0]).at("caption").as_string() == "album, new");

    for (const std::string_view emoji : {"👍", "❤️"}) {
        change(delivery_kind::reaction, {.text = emoji}, {"1"});
    }
    change(delivery_kind::reaction, {.text = "👍", .flags = GW_MESSAGE_REMOVED}, {"1"});
    deliver({.kind = delivery_kind::typing, .message = {.chat = "7"}});
    settle();
    change(delivery_kind::remove, {}, {text[0], photo[0]});
    change(delivery_kind::remove, {}, {text[0], photo[0]});  // gone already
    CHECK_FALSE(bot.find_chat(chat)->messages.contains(std::stoll(photo[0])));

    std::string written = "[\n";
    for (const json::value& each : transcript) {
        written += json::serialize(each) + (&each == &transcript.back() ? "\n" : ",\n");
    }
    written += "]\n";
    CHECK(written == golden("requests.json"));
}

TEST_CASE_FIXTURE(talking_rig, "telegram: a text in pieces, edited to be longer and shorter, is the server's text") {
    const auto all = [&](const std::vector<std::string>& ids) {
        std::string text;
        for (const std::string& each : ids) {
            text += message(each).at("text").as_string();
        }
        return text;
    };
    const std::string a(4096, 'a');
    const std::string b(4096, 'b');
    auto ids = run({.id = sdk::delivery_id{1}, .message = {.chat = "7", .text = a + "\n" + b}});
    CHECK(ids.size() == 2);
    CHECK(all(ids) == a + b);
    const auto edit = [&](std::uint64_t id, const std::string& text) {
        const std::vector<std::string> before = ids;
        ids = run({.kind = delivery_kind::edit,
                   .id = sdk::delivery_id{id},
                   .message = {.chat = "7", .text = text},
                   .targets = {before.begin(), before.end()}});
        CHECK(all(ids) == text);
    };
    edit(2, b + a + "cc");
    CHECK(ids.size() == 3);
    const std::string last = ids[2];
    edit(3, "short");
    CHECK(ids.size() == 1);
    CHECK_FALSE(bot.find_chat(chat)->messages.contains(std::stoll(last)));
}

TEST_CASE_FIXTURE(talking_rig, "telegram: what the server refuses has the code that says why") {
    const auto refused = [&](const sdk::delivery_view& what) {
        receipts.clear();
        deliver(what);
        settle();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts[0].outcome == outcome::failed);
        return receipts[0].code;
    };
    CHECK(refused({.id = sdk::delivery_id{1}, .message = {.chat = "70", .text = "x"}}) == "chat_not_found");
    CHECK(refused({.kind = delivery_kind::edit,
                   .id = sdk::delivery_id{2},
                   .message = {.chat = "7", .text = "x"},
                   .targets = {"999"}}) == "message_not_found");
    CHECK(refused({.kind = delivery_kind::edit,  // somebody else's
                   .id = sdk::delivery_id{3},
                   .message = {.chat = "7", .text = "x"},
                   .targets = {"1"}}) == "not_editable");
    CHECK(refused({.kind = delivery_kind::reaction,
                   .id = sdk::delivery_id{4},
                   .message = {.chat = "7", .text = "🧦"},
                   .targets = {"1"}}) == "reaction_not_allowed");
    CHECK(refused({.kind = delivery_kind::reaction,
                   .id = sdk::delivery_id{5},
                   .message = {.chat = "7", .text = "👍"},
                   .targets = {"999"}}) == "message_not_found");
}
