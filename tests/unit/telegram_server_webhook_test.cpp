#include "support/telegram_server.hpp"
#include "telegram_server_fixture.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace gateway::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace json = boost::json;
using boost::system::error_code;

namespace {

constexpr std::int64_t group = -5;

// A webhook whose posts the test answers itself.
struct hooked : telegram_model {
    struct carried {
        webhook_post post;
        std::function<void(webhook_answer)> done;
        bool given_up = false;
    };
    std::vector<std::shared_ptr<carried>> posts;

    hooked() {
        api.set_webhook_transport([this](webhook_post post, std::function<void(webhook_answer)> done) {
            auto added = std::make_shared<carried>(carried{std::move(post), std::move(done)});
            posts.push_back(added);
            return std::function<void()>([added] { added->given_up = true; });
        });
    }
    ~hooked() { api.set_webhook_transport({}); }
    hooked(const hooked&) = delete;
    hooked& operator=(const hooked&) = delete;

    std::shared_ptr<pending_answer> set(json::object more = {}) {
        more["url"] = "https://bot.example.org/hook";
        return call("setWebhook", more);
    }
    void say(std::int64_t to, std::string_view text) { bot.user_says(to, 8, text); }
    void answer(std::size_t which, unsigned status, std::string body = "", http_headers headers = {}) {
        posts.at(which)->done({status, status == 200 ? "OK" : "Bad Gateway", std::move(headers), std::move(body)});
    }
    std::string text(std::size_t which) const {
        return std::string(json::parse(posts.at(which)->post.body).at("message").at("text").as_string());
    }
    json::value info() { return call("getWebhookInfo")->result(); }
};

std::string header_of(const webhook_post& post, std::string_view name) {
    const auto it = std::find_if(post.headers.begin(), post.headers.end(),
                                 [&](const auto& header) { return header.first == name; });
    return it == post.headers.end() ? std::string() : it->second;
}

}  // namespace

TEST_CASE("telegram server: a webhook is posted each update, whole, with its secret") {
    hooked model;
    model.say(7, "before");
    model.set({{"secret_token", "S3cret-_"}});
    REQUIRE(model.posts.size() == 1);
    const auto& post = model.posts[0]->post;
    CHECK(post.url == "https://bot.example.org/hook");
    CHECK(header_of(post, "X-Telegram-Bot-Api-Secret-Token") == "S3cret-_");
    CHECK(header_of(post, "Content-Type") == "application/json");
    CHECK(json::parse(post.body).at("update_id") == telegram_model::first_update);
    CHECK(model.text(0) == "before");
    CHECK(model.info().at("pending_update_count") == 1);
    model.answer(0, 200);
    CHECK(model.info().at("pending_update_count") == 0);
    CHECK(model.posts.size() == 1);
    CHECK(model.clock.pending() == 0);
}

TEST_CASE("telegram server: without a secret there is no header of it") {
    hooked model;
    model.set();
    model.say(7, "x");
    CHECK(header_of(model.posts.at(0)->post, "X-Telegram-Bot-Api-Secret-Token").empty());
}

TEST_CASE("telegram server: a chat's updates are posted in order, chats do not wait for each other") {
    hooked model;
    model.set();
    for (const auto* text : {"a1", "a2"}) {
        model.say(7, text);
    }
    model.say(group, "b1");
    REQUIRE(model.posts.size() == 2);
    CHECK(model.text(0) == "a1");
    CHECK(model.text(1) == "b1");
    model.answer(0, 502);
    REQUIRE(model.posts.size() == 3);  // again at once, and before the next one
    CHECK(model.text(2) == "a1");
    model.answer(2, 200);
    REQUIRE(model.posts.size() == 4);
    CHECK(model.text(3) == "a2");
}

TEST_CASE("telegram server: a button's click keeps its place among the messages of its chat") {
    hooked model;
    model.set();
    model.say(7, "x");
    model.bot.user_clicks(7, 8, 1, "a");
    CHECK(model.posts.size() == 1);
    model.answer(0, 204);
    REQUIRE(model.posts.size() == 2);
    CHECK(json::parse(model.posts[1]->post.body).as_object().contains("callback_query"));
}

TEST_CASE("telegram server: no more posts are under way than the bot has asked for") {
    hooked model;
    model.set({{"max_connections", 2}});
    for (int chat = 1; chat <= 5; ++chat) {
        model.say(chat, "x");
    }
    CHECK(model.posts.size() == 2);
    model.answer(0, 200);
    CHECK(model.posts.size() == 3);
    CHECK(model.bot.webhook().posting() == 2);
}

TEST_CASE("telegram server: what is not answered 2xx comes again, after 0, 2, 4, 8 … and at most 120 s") {
    hooked model;
    model.set();
    model.say(7, "x");
    const std::vector<std::chrono::seconds> pauses{0s, 2s, 4s, 8s, 16s, 32s};
    for (std::size_t i = 0; i < pauses.size(); ++i) {
        CAPTURE(i);
        model.answer(i, 502);
        if (pauses[i] > 0s) {
            model.clock.advance(pauses[i] - 1ms);
            CHECK(model.posts.size() == i + 1);
            model.clock.advance(1ms);
        } else {
            model.clock.advance(0s);
        }
        REQUIRE(model.posts.size() == i + 2);
    }
    for (std::size_t i = pauses.size(); i < pauses.size() + 4; ++i) {
        model.answer(i, 502);
        model.clock.advance(59s);
        CHECK(model.posts.size() == i + 1);
        model.clock.advance(61s);
        REQUIRE(model.posts.size() == i + 2);
    }
    CHECK(model.info().at("last_error_message") == "Wrong response from the webhook: 502 Bad Gateway");
    CHECK(model.info().at("last_error_date").as_int64() <= model.clock.unix_time_s());
}

TEST_CASE("telegram server: a webhook may say when to come again") {
    hooked model;
    model.set();
    model.say(7, "x");
    model.answer(0, 503, "", {{"retry-after", "30"}});
    model.clock.advance(29s);
    CHECK(model.posts.size() == 1);
    model.clock.advance(1s);
    CHECK(model.posts.size() == 2);
}

TEST_CASE("telegram server: an answer that takes a minute is none") {
    hooked model;
    model.set();
    model.say(7, "x");
    model.clock.advance(59s);
    CHECK_FALSE(model.posts[0]->given_up);
    model.clock.advance(1s);
    CHECK(model.posts[0]->given_up);
    model.clock.advance(0s);
    REQUIRE(model.posts.size() == 2);
    CHECK(model.info().at("last_error_message") == "Read timeout expired");
}

TEST_CASE("telegram server: after a day an update that nobody took is forgotten") {
    hooked model;
    model.set();
    model.say(7, "old");
    model.answer(0, 0);
    model.clock.advance(24h + 4s);
    model.say(7, "new");
    CHECK(model.info().at("pending_update_count") == 1);
    model.clock.advance(3min);  // whatever was under way or paused is over
    CHECK(model.text(model.posts.size() - 1) == "new");
}

TEST_CASE("telegram server: the answer may call one method, in any encoding, but none that reads or sets webhooks") {
    hooked model;
    model.set();
    const auto answered = [&](std::string type, std::string body) {
        model.say(7, "x");
        model.answer(model.posts.size() - 1, 200, std::move(body), {{"content-type", std::move(type)}});
        return model.bot.sent().size();
    };
    CHECK(answered("application/json", R"({"method":"sendMessage","chat_id":7,"text":"json"})") == 1);
    CHECK(answered("application/x-www-form-urlencoded", "method=sendmessage&chat_id=7&text=form") == 2);
    CHECK(model.bot.sent().back().at("text") == "form");
    CHECK(model.api.requests().back().method == "sendMessage");
    CHECK(model.api.requests().back().status == 200);
    CHECK(answered("text/html", "<html>OK</html>") == 2);
    const auto logged = model.api.requests().size();
    CHECK(answered("application/json", R"({"method":"deleteWebhook"})") == 2);
    CHECK(answered("application/json", R"({"method":"getMe"})") == 2);
    CHECK(model.api.requests().size() == logged);
    CHECK(model.bot.webhook().is_set());
}

TEST_CASE("telegram server: a deleted webhook gives its posts up, and polling brings what was not taken") {
    hooked model;
    model.set();
    model.say(7, "x");
    model.call("deleteWebhook");
    CHECK(model.posts[0]->given_up);
    CHECK(model.call("getUpdates")->updates() == 1);
    CHECK(model.clock.pending() == 0);
    model.say(7, "y");
    CHECK(model.posts.size() == 1);
}

TEST_CASE("telegram server: the same webhook again changes nothing, another one takes over") {
    hooked model;
    model.set();
    model.say(7, "x");
    CHECK(model.set()->description() == "Webhook is already set");
    CHECK_FALSE(model.posts[0]->given_up);
    CHECK(model.set({{"secret_token", "new"}})->description() == "Webhook was set");
    CHECK(model.posts[0]->given_up);
    REQUIRE(model.posts.size() == 2);
    CHECK(header_of(model.posts[1]->post, "X-Telegram-Bot-Api-Secret-Token") == "new");
}

TEST_CASE("telegram server: a webhook's URL and secret are judged as the platform does") {
    hooked model;
    const auto refusal = [&](std::string_view url, std::string_view secret = "") {
        const auto answer = model.call("setWebhook", {{"url", url}, {"secret_token", secret}});
        return answer->status() == 200 ? std::string() : answer->description();
    };
    const std::string bad = "Bad Request: bad webhook: ";
    CHECK(refusal("http://bot.example.org/") == bad + "An HTTPS URL must be provided for webhook");
    CHECK(refusal("https://bot.example.org:8080/") == bad + "Webhook can be set up only on ports 80, 88, 443 or 8443");
    CHECK(refusal("https://127.0.0.1:8443/") == bad + "IP address 127.0.0.1 is reserved");
    CHECK(refusal("https://localhost/") == bad + "IP address 127.0.0.1 is reserved");
    CHECK(refusal("https://bot.example.org:8443/x", std::string(256, 'a')).empty());
    CHECK(refusal("https://bot.example.org/", std::string(257, 'a')) == "Bad Request: secret token is too long");
    CHECK(refusal("https://bot.example.org/", "a b") == "Bad Request: secret token contains unallowed characters");
}

TEST_CASE("telegram server: a self-hosted server posts to any URL") {
    manual_telegram_clock clock;
    telegram_api api(clock, {.max_log = 10, .seed = 1, .local = true});
    auto& bot = api.add_bot("1:x", "some_bot");
    api_request request;
    request.target = "/bot1:x/setWebhook?url=http%3A%2F%2F127.0.0.1%3A5000%2F";
    api.handle(request, [](const api_response& response) { CHECK(response.status == 200); });
    CHECK(bot.webhook().settings().url == "http://127.0.0.1:5000/");
}

TEST_CASE("telegram server: the webhook's information shows what was asked for and what is allowed") {
    hooked model;
    CHECK(model.info() == json::value{{"url", ""}, {"has_custom_certificate", false}, {"pending_update_count", 0}});
    model.set({{"max_connections", 500}, {"allowed_updates", json::array{"message"}}});
    CHECK(model.info().at("max_connections") == 100);
    CHECK(model.info().at("allowed_updates") == json::array{"message"});
}

namespace {

// What listens behind the reverse proxy: takes whole requests over one connection after the other, answers as told.
class listener {
public:
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    // The next request's bytes, "" when none comes in time; answered with `answer`.
    std::string take(std::string_view answer) {
        if (!socket_.is_open()) {
            acceptor_.async_accept(socket_, [this](error_code error) { error_ = error; });
            if (!run()) {
                return {};
            }
            ++connections;
        }
        asio::async_read_until(socket_, buffer_, "}}", [this](error_code error, std::size_t) { error_ = error; });
        if (!run()) {
            return {};
        }
        std::string request(asio::buffers_begin(buffer_.data()), asio::buffers_end(buffer_.data()));
        buffer_.consume(request.size());
        asio::write(socket_, asio::buffer(answer));
        if (answer.find("Connection: close") != std::string_view::npos) {
            socket_.close();
        }
        return request;
    }

    int connections = 0;

private:
    bool run() {
        error_ = asio::error::timed_out;
        io_.restart();
        io_.run_for(20s);
        return !error_;
    }

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    asio::ip::tcp::socket socket_{io_};
    asio::streambuf buffer_;
    error_code error_;
};

constexpr std::string_view done = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view closing = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("telegram server: posts go over a connection that is kept, and over a new one after its end") {
    listener behind;
    telegram_test_server server;
    server.add_bot("1:x", "some_bot");
    server.route_webhooks(behind.port());
    server.call([](telegram_api& api) {
        auto& bot = *api.find_bot("1:x");
        bot.webhook().set({.url = "https://bot.example.org:8443/hook?a=b", .secret_token = "S3cret"});
        for (const auto* text : {"one", "two", "three"}) {
            bot.user_says(7, 7, text);
        }
    });
    const auto first = behind.take(done);
    CHECK(first.starts_with("POST /hook?a=b HTTP/1.1\r\n"));
    CHECK(first.find("Host: bot.example.org\r\n") != std::string::npos);
    CHECK(first.find("X-Telegram-Bot-Api-Secret-Token: S3cret\r\n") != std::string::npos);
    CHECK(first.find("\"one\"") != std::string::npos);
    CHECK(behind.take(closing).find("\"two\"") != std::string::npos);
    CHECK(behind.connections == 1);
    CHECK(behind.take(done).find("\"two\"") != std::string::npos);
    CHECK(behind.take(done).find("\"three\"") != std::string::npos);
    CHECK(behind.connections == 2);
    CHECK(server.wait_until([](telegram_api& api) { return api.find_bot("1:x")->feed().pending() == 0; }, 20s));
}

TEST_CASE("telegram server: a self-hosted server posts to the URL itself, and tells that nobody listens") {
    listener behind;
    telegram_test_server server({.local = true});
    server.add_bot("1:x", "some_bot");
    server.call([port = behind.port()](telegram_api& api) {
        auto& bot = *api.find_bot("1:x");
        bot.webhook().set({.url = "http://127.0.0.1:" + std::to_string(port)});
        bot.user_says(7, 7, "x");
    });
    CHECK(behind.take(done).starts_with("POST / HTTP/1.1\r\n"));
    const auto last_error = [&](const std::string& url) {
        server.call([&](telegram_api& api) {
            api.find_bot("1:x")->webhook().set({.url = url});
            api.find_bot("1:x")->user_says(7, 7, "x");
        });
        std::string text;
        const auto failed = [&text](telegram_api& api) {
            const auto info = api.find_bot("1:x")->webhook().info();
            text = info.contains("last_error_message") ? std::string(info.at("last_error_message").as_string()) : "";
            return !text.empty();
        };
        CHECK(server.wait_until(failed, 20s));
        return text;
    };
    CHECK(last_error("http://127.0.0.1:1/") == "Connection refused");
    CHECK(last_error("https://bot.example.org/") == "SSL is not spoken here");
}
