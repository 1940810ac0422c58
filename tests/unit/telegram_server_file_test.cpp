#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

const std::string image = "\xFF\xD8\xFF an image";

struct gallery : telegram_model {
    gallery() { hear(); }

    std::shared_ptr<pending_answer> photo(std::string bytes) {
        return upload("sendPhoto", {{"chat_id", chat}}, {{"photo", "a.jpg", std::move(bytes)}});
    }
    std::shared_ptr<pending_answer> document(json::object params) {
        params["chat_id"] = chat;
        return call("sendDocument", params);
    }
    std::string path_of(std::string_view file_id) {
        return std::string(call("getFile", {{"file_id", file_id}})->result().at("file_path").as_string());
    }
};

}  // namespace

TEST_CASE("telegram server: an uploaded file is shown in the message, and downloaded byte by byte") {
    gallery model;
    const std::string bytes("a\0b\r\n--party c", 14);
    const auto sent =
        model.upload("sendDocument", {{"chat_id", 7}, {"caption", " notes "}}, {{"document", "notes.txt", bytes}});
    const auto document = sent->result().at("document");
    CHECK(document.at("file_name").as_string() == "notes.txt");
    CHECK(document.at("mime_type").as_string() == "text/x-test");
    CHECK(document.at("file_size").as_int64() == 14);
    CHECK(sent->result().at("caption").as_string() == "notes");
    const auto got = model.download(model.path_of(document.at("file_id").as_string()), {{"Range", "bytes=2-3"}});
    CHECK(got->status() == 200);
    CHECK(got->response->body == bytes);
    CHECK(model.api.requests().back().method == "download");
    CHECK(model.api.count_requests("download") == 1);
}

TEST_CASE("telegram server: a path is good once getFile has named it, for an hour, for this bot") {
    gallery model;
    const auto& file = model.bot.files().add(media_kind::voice, {.bytes = "sound"});
    CHECK(model.download(file.path)->status() == 404);
    CHECK(model.path_of(file.id) == file.path);
    CHECK(model.download(file.path)->status() == 200);
    model.api.add_bot("5:other", "other_bot");
    api_request foreign;
    foreign.method = "GET";
    foreign.target = "/file/bot5:other/" + file.path;
    CHECK(model.send(foreign)->status() == 404);
    model.clock.advance(std::chrono::hours(1));
    CHECK(model.download(file.path)->description() == "Not Found");
}

TEST_CASE("telegram server: getFile refuses what it does not know and what is above 20 MB") {
    gallery model;
    const auto refusal = [&](std::string_view id) { return model.call("getFile", {{"file_id", id}})->description(); };
    CHECK(refusal("nonsense") == "Bad Request: invalid file_id");
    CHECK(refusal("") == "Bad Request: file_id not specified");
    constexpr std::uint64_t limit = 20 * 1024 * 1024;
    CHECK(refusal(model.bot.files().add(media_kind::video, {.size = limit + 1}).id) == "Bad Request: file is too big");
    const auto& largest = model.bot.files().add(media_kind::video, {.size = limit});
    CHECK(model.download(model.path_of(largest.id))->response->body.size() == limit);
}

TEST_CASE("telegram server: a file on the platform is sent again by its file_id, as what it is") {
    gallery model;
    const auto first = model.photo(image)->result().at("photo");
    const auto id = first.as_array().back().at("file_id");
    CHECK(model.call("sendPhoto", {{"chat_id", 7}, {"photo", id}})->result().at("photo") == first);
    CHECK(model.document({{"document", id}})->description() == "Bad Request: can't use file of type Photo as Document");
    CHECK(model.document({{"document", "AgACAgIAAx0"}})->description() ==
          "Bad Request: wrong file identifier/HTTP URL specified");
}

TEST_CASE("telegram server: a file on the web is fetched, if it is there and not too large") {
    gallery model;
    model.bot.files().put_on_web("https://example.org/a.pdf", {.name = "a.pdf", .bytes = "%PDF"});
    model.bot.files().put_on_web("https://example.org/big.pdf", {.size = 20 * 1024 * 1024 + 1});
    CHECK(model.document({{"document", "https://example.org/a.pdf"}})->result().at("document").at("file_name") ==
          "a.pdf");
    for (const auto* missing : {"https://example.org/none.pdf", "https://example.org/big.pdf"}) {
        CHECK(model.document({{"document", missing}})->description() == "Bad Request: failed to get HTTP URL content");
    }
}

TEST_CASE("telegram server: a part may have any name that attach:// refers to, but none that nothing refers to") {
    gallery model;
    const json::object refers{{"chat_id", 7}, {"document", "attach://some_part"}};
    CHECK(model.upload("sendDocument", refers, {{"some_part", "a", "x"}})->status() == 200);
    CHECK(model.upload("sendDocument", refers, {{"other_part", "a", "x"}})->description() ==
          "Bad Request: unknown parameter \"other_part\" (the real server would ignore it)");
    CHECK(model.document({{"document", "attach://some_part"}})->description() ==
          "Bad Request: there is no document in the request");
    CHECK(model.document({})->description() == "Bad Request: there is no document in the request");
    CHECK(model.upload("sendMessage", {{"chat_id", 7}}, {{"text", "a", "x"}})->description() ==
          "Bad Request: parameter \"text\" must be a String");
}

TEST_CASE("telegram server: what is no photo by its size or its bytes is refused as one") {
    gallery model;
    auto large = image;
    large.resize(10 * 1024 * 1024);
    CHECK(model.photo(large)->status() == 200);
    large += 'x';
    CHECK(model.photo(large)->description() ==
          "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes");
    CHECK(model.photo("text")->description() == "Bad Request: IMAGE_PROCESS_FAILED");
    CHECK(model.photo("")->description() == "Bad Request: file must be non-empty");
}

TEST_CASE("telegram server: an upload above 50 MB is 413, whatever else is wrong with it") {
    gallery model;
    std::string bytes(50 * 1024 * 1024, 'x');
    CHECK(model.upload("sendDocument", {{"chat_id", 7}}, {{"document", "a", bytes}})->status() == 200);
    bytes += 'x';
    const auto over = model.upload("sendDocument", {{"chat_id", 7}}, {{"document", "a", bytes}});
    CHECK(over->status() == 413);
    CHECK(over->description() == "Request Entity Too Large");
    bytes.resize(bytes.size() + 1024 * 1024, 'x');
    CHECK(model.upload("noSuchMethod", {}, {{"document", "a", bytes}})->status() == 413);
}

TEST_CASE("telegram server: the bot's own forgotten files are the oldest ones") {
    telegram_files files(1);
    const auto oldest = files.add(media_kind::document, {.bytes = "x"}).id;
    for (std::size_t i = 1; i < telegram_files::max_files; ++i) {
        files.add(media_kind::document, {.bytes = "x"});
    }
    CHECK(files.find(oldest) != nullptr);
    files.add(media_kind::document, {.bytes = "x"});
    CHECK(files.find(oldest) == nullptr);
    CHECK(files.count() == telegram_files::max_files);
}
