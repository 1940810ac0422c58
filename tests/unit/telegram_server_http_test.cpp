#include "support/telegram_server.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <filesystem>

using namespace gateway::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace json = boost::json;
using boost::system::error_code;
using kind = telegram_fault::kind;

namespace {

constexpr auto deadline = 20s;
constexpr auto token = "123:secret";

// A client that speaks bytes, so that nothing of HTTP is smoothed over. Each step has a deadline.
class wire {
public:
    explicit wire(std::string_view url) {
        const auto port = url.substr(url.rfind(':') + 1);
        const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(),
                                             static_cast<std::uint16_t>(std::stoi(std::string(port))));
        socket_.async_connect(server, [this](error_code error) { error_ = error; });
        run();
    }

    const error_code& error() const { return error_; }

    void send(std::string_view bytes) {
        asio::async_write(socket_, asio::buffer(bytes), [this](error_code error, std::size_t) { error_ = error; });
        run();
    }

    void get(std::string_view method, std::string_view more = "") {
        send("GET /bot123:secret/" + std::string(method) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n");
    }

    // One whole answer's body; its head is in `head` then.
    std::string answer() {
        asio::async_read_until(socket_, buffer_, "\r\n\r\n", [this](error_code error, std::size_t) { error_ = error; });
        run();
        if (error_) {
            return {};
        }
        const auto end = received().find("\r\n\r\n") + 4;
        head = received().substr(0, end);
        take(end);
        const auto length = head.find("Content-Length: ");
        const auto size =
            length == std::string::npos ? 0 : static_cast<std::size_t>(std::stoul(head.substr(length + 16)));
        if (size > buffer_.size()) {
            asio::async_read(socket_, buffer_, asio::transfer_exactly(size - buffer_.size()),
                             [this](error_code error, std::size_t) { error_ = error; });
            run();
        }
        return take(size);
    }

    // What comes until the connection ends; how it ended is in error().
    std::string rest() {
        asio::async_read(socket_, buffer_, [this](error_code error, std::size_t) { error_ = error; });
        run();
        return take(buffer_.size());
    }

    void close() { socket_.close(); }

    std::string head;

private:
    void run() {
        error_ = asio::error::timed_out;
        io_.restart();
        io_.run_for(deadline);
    }

    std::string received() const { return {asio::buffers_begin(buffer_.data()), asio::buffers_end(buffer_.data())}; }

    std::string take(std::size_t size) {
        auto bytes = received().substr(0, size);
        buffer_.consume(bytes.size());
        return bytes;
    }

    asio::io_context io_;
    asio::ip::tcp::socket socket_{io_};
    asio::streambuf buffer_;
    error_code error_;
};

struct running_server {
    telegram_test_server server;

    explicit running_server(telegram_test_server_options options = {}) : server(std::move(options)) {
        server.add_bot(token, "some_bot");
    }
};

std::string result_of(const std::string& body) {
    return json::serialize(json::parse(body).at("result"));
}

}  // namespace

TEST_CASE("telegram server: one connection carries many requests") {
    running_server test;
    wire client(test.server.url());
    for (int i = 0; i < 3; ++i) {
        client.get("getMyCommands");
        CHECK(result_of(client.answer()) == "[]");
        CHECK(client.head.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(client.head.find("Content-Type: application/json\r\n") != std::string::npos);
    }
    const auto log = test.server.requests();
    REQUIRE(log.size() == 3);
    CHECK(log[0].connection == log[2].connection);
    wire another(test.server.url());
    another.get("getMe");
    another.answer();
    CHECK(test.server.requests().back().connection != log[0].connection);
}

TEST_CASE("telegram server: pipelined requests are answered one after the other, in order") {
    running_server test;
    wire client(test.server.url());
    const std::string request = "GET /bot123:secret/getUpdates?timeout=50 HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(request + "POST /bot123:secret/getMyCommands HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" +
                "GET /bot123:secret/getMe HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(test.server.wait_for_poll(token, deadline));
    CHECK(test.server.requests().size() == 1);
    test.server.user_says(token, 7, 7, "hello");
    CHECK(json::parse(client.answer()).at("result").as_array().size() == 1);
    CHECK(result_of(client.answer()) == "[]");
    CHECK(json::parse(client.answer()).at("result").at("is_bot").as_bool());
}

TEST_CASE("telegram server: a connection is closed when the client asks for it") {
    running_server test;
    wire client(test.server.url());
    client.get("getMe", "Connection: close\r\n");
    CHECK(client.rest().find("Connection: close\r\n") != std::string::npos);
    CHECK(client.error() == asio::error::eof);
}

TEST_CASE("telegram server: a body announced by Expect is waited for") {
    running_server test;
    test.server.user_says(token, 7, 7, "hello");
    wire client(test.server.url());
    client.send(
        "POST /bot123:secret/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 24\r\nExpect: 100-continue\r\n\r\n");
    client.answer();
    CHECK(client.head == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(R"({"chat_id":7,"text":"x"})");
    CHECK(json::parse(client.answer()).at("ok").as_bool());
}

TEST_CASE("telegram server: what is no HTTP is answered 400 and closed") {
    running_server test;
    wire client(test.server.url());
    client.send("hello there\r\n\r\n");
    CHECK(client.rest().starts_with("HTTP/1.1 400 "));
    CHECK(client.error() == asio::error::eof);
}

TEST_CASE("telegram server: a client that hangs up takes its poll's answer with it") {
    running_server test;
    wire client(test.server.url());
    client.get("getUpdates?timeout=50");
    REQUIRE(test.server.wait_for_poll(token, deadline));
    client.close();
    REQUIRE(test.server.wait_until([](telegram_api& api) { return api.open_exchanges() == 0; }, deadline));
    test.server.user_says(token, 7, 7, "to nobody");
    wire later(test.server.url());
    later.get("getUpdates");
    CHECK(json::parse(later.answer()).at("result").as_array().size() == 1);
}

TEST_CASE("telegram server: a request can be followed by a reset instead of an answer") {
    running_server test;
    test.server.inject(telegram_fault::of(kind::reset));
    wire client(test.server.url());
    client.get("getMe");
    CHECK(client.rest().empty());
    CHECK(client.error() == asio::error::connection_reset);
    CHECK(test.server.requests().size() == 1);
}

TEST_CASE("telegram server: a body can end early, by a close or by a reset") {
    running_server test;
    wire client(test.server.url());
    SUBCASE("close") {
        test.server.inject(telegram_fault::of(kind::cut, 5));
        client.get("getMe");
        CHECK(client.rest().ends_with("\r\n\r\n{\"ok\""));
        CHECK(client.error() == asio::error::eof);
    }
    SUBCASE("reset") {
        test.server.inject(telegram_fault::of(kind::broken, 0));
        client.get("getMe");
        client.rest();
        CHECK(client.error() == asio::error::connection_reset);
    }
}

TEST_CASE("telegram server: a body can drip, and the connection lives on") {
    running_server test;
    auto slow = telegram_fault::of(kind::drip);
    slow.drip_bytes = 7;
    slow.drip_interval = 1ms;
    test.server.inject(slow);
    wire client(test.server.url());
    client.get("getMe");
    CHECK(json::parse(client.answer()).at("ok").as_bool());
    client.get("getMe");
    CHECK(json::parse(client.answer()).at("ok").as_bool());
}

TEST_CASE("telegram server: a stalled connection lasts until it is dropped") {
    running_server test;
    wire client(test.server.url());
    SUBCASE("after its request") {
        test.server.inject(telegram_fault::of(kind::stall));
        client.get("getMe");
        REQUIRE(test.server.wait_for_request("getMe", 1, deadline));
        CHECK(test.server.connection_count() == 1);
    }
    SUBCASE("from the beginning") {
        client.get("getMe");  // accepted before the fault
        client.answer();
        test.server.inject(telegram_fault::of(kind::connect_stall));
        wire stalled(test.server.url());
        stalled.get("getMyCommands");
        REQUIRE(test.server.wait_until([](telegram_api& api) { return api.faults().size() == 0; }, deadline));
        CHECK(test.server.call([](telegram_api& api) { return api.count_requests("getMyCommands"); }) == 0);
    }
    test.server.drop_connections(true);
    client.rest();
    CHECK(client.error() == asio::error::connection_reset);
}

TEST_CASE("telegram server: a new connection can be reset unread") {
    running_server test;
    test.server.inject(telegram_fault::of(kind::connect_reset));
    wire client(test.server.url());
    if (!client.error()) {  // the reset may already have met the connecting
        client.rest();
    }
    CHECK(client.error() == asio::error::connection_reset);
    wire next(test.server.url());
    next.get("getMe");
    CHECK(json::parse(next.answer()).at("ok").as_bool());
    CHECK(test.server.requests().size() == 1);
}

TEST_CASE("telegram server: during an outage connections are refused, then the same port serves again") {
    running_server test;
    test.server.stop_listening();
    CHECK(wire(test.server.url()).error() == asio::error::connection_refused);
    test.server.listen();
    wire client(test.server.url());
    client.get("getMe");
    CHECK(json::parse(client.answer()).at("ok").as_bool());
}

TEST_CASE("telegram server: waiting ends at the deadline") {
    running_server test;
    CHECK_FALSE(test.server.wait_for_request("getMe", 1, 1ms));
    CHECK_FALSE(test.server.wait_for_poll(token, 1ms));
    CHECK_FALSE(test.server.wait_for_sent(token, 1, 1ms));
    CHECK(test.server.wait_for_sent(token, 0, 1ms));
}

TEST_CASE("telegram server: its clock can run faster than real time") {
    running_server test({.speed = 1000});
    wire client(test.server.url());
    client.get("getUpdates?timeout=50");
    CHECK(result_of(client.answer()) == "[]");
}

TEST_CASE("telegram server: it speaks TLS with a certificate that its authority's file proves") {
    const auto file = std::filesystem::temp_directory_path() / ("telegram-ca-" + std::to_string(::getpid()) + ".pem");
    running_server test({.tls = true, .ca_file = file.string()});
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(file.string());
    context.set_verify_mode(asio::ssl::verify_peer);
    asio::io_context io;
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
    static constexpr unsigned char offered[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(stream.native_handle(), offered, sizeof offered - 1);
    const auto url = test.server.url();
    REQUIRE(url.starts_with("https://127.0.0.1:"));
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    std::string answer;
    error_code failed = asio::error::timed_out;
    const std::string request = "GET /bot123:secret/getMe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream.async_handshake(asio::ssl::stream_base::client, [&](error_code error) {
        failed = error;
        if (error) {
            return;
        }
        asio::async_write(stream, asio::buffer(request), [&](error_code, std::size_t) {
            asio::async_read(stream, asio::dynamic_buffer(answer), [](error_code, std::size_t) {});
        });
    });
    io.run_for(deadline);
    CHECK_FALSE(failed);
    CHECK(answer.find("\"is_bot\":true") != std::string::npos);
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(stream.native_handle(), &chosen, &length);
    CHECK(std::string_view(reinterpret_cast<const char*>(chosen), length) == "http/1.1");
    std::filesystem::remove(file);
}

TEST_CASE("telegram server: the control endpoint plays people, and waits for what the bot does") {
    running_server test({.control = true});
    wire control(test.server.url());
    const auto ask = [&](std::string_view verb_and_query) {
        control.send("GET /control/" + std::string(verb_and_query) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    };
    ask("say?token=123:secret&chat=7&text=hello");
    CHECK(json::parse(control.answer()).at("result").at("message_id").as_int64() == 1);
    ask("sent?token=123:secret&count=1&timeout_ms=60000");
    wire bot(test.server.url());
    bot.get("sendMessage?chat_id=7&text=answer");
    CHECK(json::parse(bot.answer()).at("ok").as_bool());
    CHECK(json::parse(control.answer()).at("result").at(0).at("text").as_string() == "answer");
    ask("sent?token=123:secret&count=2&timeout_ms=1");
    CHECK(json::parse(control.answer()).at("error_code").as_int64() == 408);
    ask("dance");
    CHECK(json::parse(control.answer()).at("description").as_string() == "no such control verb: dance");
    ask("say?token=1:none&chat=7&text=hello");
    CHECK(json::parse(control.answer()).at("description").as_string() == "no bot has this token");
}
