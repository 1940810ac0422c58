#include "support/telegram_params.hpp"
#include "support/telegram_text.hpp"
#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

api_request request_to(std::string target, std::string type, std::string body) {
    api_request request;
    request.target = std::move(target);
    request.headers = {{"content-type", std::move(type)}};
    request.body = std::move(body);
    return request;
}

decoded_params decode(std::string type, std::string body) {
    return decode_params(request_to("/x", std::move(type), std::move(body)));
}

}  // namespace

TEST_CASE("telegram server: getMe tells the bot's id, which is in its token") {
    telegram_model model;
    const auto me = model.call("getMe")->result();
    CHECK(me.at("id").as_int64() == 123);
    CHECK(me.at("is_bot").as_bool());
    CHECK(me.at("username").as_string() == "some_bot");
}

TEST_CASE("telegram server: paths that name no method of a bot get the answer the platform gives") {
    telegram_model model;
    struct {
        const char* target;
        unsigned status;
        const char* description;
    } const cases[] = {{"/bot999:secret/getMe", 401, "Unauthorized"},
                       {"/bot123:other/getMe", 401, "Unauthorized"},
                       {"/bot123/getMe", 404, "Not Found"},
                       {"/botabc:def/getMe", 404, "Not Found"},
                       {"/bot/getMe", 404, "Not Found"},
                       {"/bot123:secret", 404, "Not Found"},
                       {"/bot123:secret/", 404, "Not Found"},
                       {"/file/bot123:secret/x", 404, "Not Found"},
                       {"/", 404, "Not Found"},
                       {"/bot123:secret/getMeNow", 404, "Not Found: method not found"}};
    for (const auto& wrong : cases) {
        CAPTURE(wrong.target);
        const auto answer = model.send(request_to(wrong.target, "", ""));
        CHECK(answer->status() == wrong.status);
        CHECK(answer->description() == wrong.description);
        CHECK(answer->json().at("error_code").as_int64() == wrong.status);
        CHECK_FALSE(answer->json().at("ok").as_bool());
    }
}

TEST_CASE("telegram server: methods are found whatever their case, with a percent-encoded token, by GET and POST") {
    telegram_model model;
    for (const auto* target : {"/bot123:secret/GETME", "/bot123%3Asecret/getMe", "/bot123:secret/getMe/"}) {
        CAPTURE(target);
        CHECK(model.send(request_to(target, "", ""))->status() == 200);
    }
    auto get = request_to("/bot123:secret/getMe", "", "");
    get.method = "GET";
    CHECK(model.send(get)->status() == 200);
    get.method = "PUT";
    CHECK(model.send(get)->status() == 405);
}

TEST_CASE("telegram server: parameters are the same in JSON, form, multipart and query") {
    const auto query = decode_params(request_to("/x?text=a+b%26%C3%9F&n=5", "", ""));
    CHECK(query.values == json::object{{"text", "a b&ß"}, {"n", "5"}});
    const auto form = decode("application/x-www-form-urlencoded; charset=utf-8", "text=a+b%26%C3%9F&n=5");
    CHECK(form.values == query.values);
    const auto multipart = decode("multipart/form-data; boundary=\"--B\"",
                                  "----B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na b&ß\r\n"
                                  "----B\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=n\r\n\r\n"
                                  "5\r\n----B--\r\n");
    CHECK(multipart.values == query.values);
    CHECK(multipart.malformed.empty());
    const auto body = decode("application/json", R"({"text":"a b&ß", "n":5})");
    CHECK(body.values == json::object{{"text", "a b&ß"}, {"n", 5}});
    for (const auto* decoded : {&query, &form, &multipart, &body}) {
        CHECK(decoded->malformed.empty());
    }
}

TEST_CASE("telegram server: of a parameter given twice the first counts, and the query comes before the body") {
    const auto decoded = decode_params(request_to("/x?a=1&a=2", "application/json", R"({"a":3,"b":4,"b":5})"));
    CHECK(decoded.values == json::object{{"a", "1"}, {"b", 4}});
}

TEST_CASE("telegram server: what was read before a mistake in a body counts, and the mistake is remembered") {
    struct {
        const char* type;
        const char* body;
        std::size_t read;
        const char* malformed;
    } const cases[] = {
        {"application/json", R"({"a":1,"b":2)", 2, "JSON body: expected ',' or '}' at offset 12"},
        {"application/json", R"({"a":1,"b":tru)", 1, "JSON body: expected a value at offset 11"},
        {"application/json", R"({"a":1,})", 1, "JSON body: expected a member name at offset 7"},
        {"application/json", R"({"a":1} x)", 1, "JSON body: expected the end at offset 8"},
        {"application/json", "[1]", 0, "JSON body: expected an Object at offset 0"},
        {"text/plain", "a=1", 0, "a body of type \"text/plain\", which the Bot API does not read"},
        {"multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\n", 1,
         "multipart body: no closing delimiter"}};
    for (const auto& wrong : cases) {
        CAPTURE(wrong.body);
        const auto decoded = decode(wrong.type, wrong.body);
        CHECK(decoded.values.size() == wrong.read);
        CHECK(decoded.malformed == wrong.malformed);
    }
}

TEST_CASE("telegram server: parameters that are unknown or of a wrong type are refused by name") {
    telegram_model model;
    model.hear();
    const auto refusal = [&](const json::object& params) { return model.call("sendMessage", params)->description(); };
    CHECK(refusal({{"chat_id", 7}, {"text", "x"}, {"reply_paramters", json::object{}}}) ==
          "Bad Request: unknown parameter \"reply_paramters\" (the real server would ignore it)");
    CHECK(refusal({{"chat_id", 7}, {"text", 5}}) == "Bad Request: parameter \"text\" must be a String");
    CHECK(refusal({{"chat_id", 7.5}, {"text", "x"}}) ==
          "Bad Request: parameter \"chat_id\" must be an Integer or a String");
    CHECK(refusal({{"chat_id", 7}, {"text", "x"}, {"disable_notification", "maybe"}}) ==
          "Bad Request: parameter \"disable_notification\" must be a Boolean");
    CHECK(refusal({{"chat_id", 7}, {"text", "x"}, {"entities", "no JSON"}}) ==
          "Bad Request: parameter \"entities\" must be an Array");
    CHECK(refusal({{"chat_id", 7}, {"text", "x"}, {"message_thread_id", "7a"}}) ==
          "Bad Request: parameter \"message_thread_id\" must be an Integer");
    const auto latin1 = model.send(request_to("/bot123:secret/sendMessage?chat_id=7&text=%FF", "", ""));
    CHECK(latin1->description() == "Bad Request: strings must be encoded in UTF-8");
    CHECK(model.bot.sent().empty());
}

TEST_CASE("telegram server: the log shows each request, decoded, with the status of its answer") {
    telegram_model model;
    model.hear();
    auto request = request_to("/bot123:secret/sendmessage", "application/json", R"({"chat_id":7,"text":"x"} trailing)");
    request.connection = 42;
    model.send(request);
    const auto& logged = model.api.requests().back();
    CHECK(logged.method == "sendMessage");
    CHECK(logged.token == "123:secret");
    CHECK(logged.connection == 42);
    CHECK(logged.params == json::object{{"chat_id", 7}, {"text", "x"}});
    CHECK(logged.malformed == "JSON body: expected the end at offset 25");
    CHECK(logged.status == 200);
    model.call("getUpdates", {{"offset", telegram_model::first_update + 1}, {"timeout", 9}});
    CHECK(model.api.requests().back().status == 0);
    CHECK(model.api.count_requests("GETUPDATES") == 1);
    CHECK(model.api.count_requests("") == 2);
}

TEST_CASE("telegram server: the log forgets the oldest requests, and late answers still find theirs") {
    manual_telegram_clock clock;
    telegram_api api(clock, {.max_log = 3, .seed = 1});
    api.add_bot("1:x", "some_bot");
    api_request poll;
    poll.target = "/bot1:x/getUpdates?timeout=5";
    api.handle(poll, [](const api_response&) {});
    poll.target = "/bot1:x/getMe";
    for (int i = 0; i < 4; ++i) {
        api.handle(poll, [](const api_response&) {});
    }
    clock.advance(std::chrono::seconds(5));
    REQUIRE(api.requests().size() == 3);
    CHECK(api.requests().front().number == 3);
    CHECK(api.requests().front().status == 200);
}

TEST_CASE("telegram server: answers are ASCII, characters beyond the BMP as pairs") {
    CHECK(ascii_json(json::value("aß😀\n")) == R"("a\u00df\ud83d\ude00\n")");
    telegram_model model;
    model.hear("ß");
    CHECK(model.call("getUpdates")->response->body.find("\\u00df") != std::string::npos);
}

TEST_CASE("telegram server: UTF-8 is judged strictly") {
    for (const auto* valid : {"", "ascii", "ß", "\xE2\x82\xAC", "😀", "\xF4\x8F\xBF\xBF"}) {
        CHECK(is_valid_utf8(valid));
    }
    for (const auto* invalid :
         {"\xFF", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
        CHECK_FALSE(is_valid_utf8(invalid));
    }
    CHECK(count_code_points("aß😀") == 3);
    CHECK(count_utf16_units("aß😀") == 4);
}
