// Bodies from and to files.
#include "support/net_http_server.hpp"
#include "support/net_test_tls.hpp"
#include "unit/net_http_fixture.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace gateway::net;
using namespace gateway::test;

namespace {

std::string some_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<char>(i * 31 % 251);
    }
    return bytes;
}

http_part field(const std::string& name, const std::string& value) {
    return {name, value, "", "", ""};
}

std::size_t files_in(const temporary_directory& directory) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{directory.path()}) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("files: a body streams from a file") {
    http_fixture net;
    temporary_directory directory;
    const std::string bytes = some_bytes(3'000'000);
    test_http_server server{net.loop, [&](const test_request& request, auto reply) {
                                CHECK(request.body() == bytes);
                                CHECK(request[http::field::content_length] == "3000000");
                                CHECK(request.method_string() == "PUT");
                                reply(answer(200, ""));
                            }};
    http_request request = net.get(server.url("/"));
    request.method = "PUT";
    request.body_file = directory.file("upload", bytes);
    CHECK(net.ok(request).status == 200);
    request.body_file = directory.file("empty", "");
    test_http_server other{net.loop, [&](const test_request& sent, auto reply) {
                               CHECK(sent.body().empty());
                               reply(answer(204, ""));
                           }};
    request.url = other.url("/");
    CHECK(net.ok(request).status == 204);
}

TEST_CASE("files: a form carries fields and files with their names and types") {
    http_fixture net;
    temporary_directory directory;
    const std::string bytes = some_bytes(100'000);
    std::string sent;
    test_http_server server{net.loop, [&](const test_request& request, auto reply) {
                                CHECK(request[http::field::content_type].starts_with("multipart/form-data; boundary="));
                                sent = request.body();
                                reply(answer(200, ""));
                            }};
    http_request request = net.get(server.url("/"));
    request.method = "POST";
    const http_part photo{"photo", "", directory.file("p", bytes), "cat \"1\".png", "image/png"};
    request.form = {field("chat_id", "-1001234"), field("empty", ""), photo};
    net.ok(request);
    CHECK(sent.find("name=\"chat_id\"\r\n\r\n-1001234\r\n") != std::string::npos);
    CHECK(sent.find("name=\"empty\"\r\n\r\n\r\n") != std::string::npos);
    CHECK(sent.find("name=\"photo\"; filename=\"cat %221%22.png\"\r\nContent-Type: image/png\r\n\r\n" + bytes +
                    "\r\n") != std::string::npos);
}

TEST_CASE("files: one that cannot be read is refused at once, one that shrinks fails the operation") {
    http_fixture net;
    temporary_directory directory;
    http_request request = net.get("http://127.0.0.1:1/");
    request.method = "POST";
    request.body_file = (directory.path() / "missing").string();
    auto refused = net.client.start(request, nullptr);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == failure_kind::file);
    CHECK(refused.error().text == "cannot read " + request.body_file + ": No such file or directory");
    request.body_file.clear();
    request.form = {{"f", "", directory.path().string(), "", ""}};
    refused = net.client.start(request, nullptr);
    REQUIRE(refused.has_error());
    CHECK(refused.error().text == "cannot read " + directory.path().string() + ": not a regular file");

    test_http_server server{net.loop, [](const test_request&, auto reply) { reply(answer(200, "")); }};
    request = net.get(server.url("/"));
    request.method = "POST";
    request.body_file = directory.file("shrinking", some_bytes(1'000'000));
    const operation_id id = net.start(request);
    std::filesystem::resize_file(request.body_file, 1000);
    const http_result result = net.wait(id);
    REQUIRE(result.has_error());
    CHECK(result.error().kind == failure_kind::file);
    CHECK(result.error().written == request_written::maybe);
}

TEST_CASE("files: an answer is saved under its name only once it is complete") {
    http_fixture net;
    temporary_directory directory;
    const std::string bytes = some_bytes(2'000'000);
    asio::steady_timer rest{net.loop, asio::steady_timer::time_point::max()};
    test_tcp_server server{net.loop, [&](asio::ip::tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n";
                               co_await write_all(socket, head + bytes.substr(0, 1'000'000));
                               boost::system::error_code woken;
                               co_await rest.async_wait(asio::redirect_error(asio::use_awaitable, woken));
                               co_await write_all(socket, bytes.substr(1'000'000));
                           }};
    http_request request = net.get("http://" + server.authority() + "/");
    request.save_to = (directory.path() / "photo").string();
    const operation_id id = net.start(request);
    run_until(net.loop, [&] { return files_in(directory) > 0; });
    CHECK_FALSE(std::filesystem::exists(request.save_to));
    rest.expires_at(asio::steady_timer::time_point::min());
    const http_result result = net.wait(id);
    REQUIRE(result.has_value());
    CHECK(result->body.empty());
    CHECK(result->body_bytes == bytes.size());
    CHECK(read_whole_file(request.save_to) == bytes);
    CHECK(files_in(directory) == 1);
}

TEST_CASE("files: an empty answer is saved as an empty file, an error answer stays in memory") {
    http_fixture net;
    temporary_directory directory;
    test_http_server server{net.loop, [](const test_request& request, auto reply) {
                                reply(request.target() == "/empty" ? answer(200, "") : answer(404, "not found"));
                            }};
    http_request request = net.get(server.url("/empty"));
    request.save_to = (directory.path() / "file").string();
    CHECK(net.ok(request).status == 200);
    CHECK(read_whole_file(request.save_to).empty());
    request = net.get(server.url("/missing"));
    request.save_to = (directory.path() / "other").string();
    const http_response response = net.ok(request);
    CHECK(response.status == 404);
    CHECK(response.body == "not found");
    CHECK(files_in(directory) == 1);
}

TEST_CASE("files: a failed, cancelled or dropped download leaves nothing behind") {
    http_fixture net;
    temporary_directory directory;
    test_http_server server{net.loop, [](const test_request&, auto reply) { reply(answer(200, some_bytes(900'000))); }};
    http_request request = net.get(server.url("/"));
    request.save_to = (directory.path() / "photo").string();
    request.max_body_bytes = 500'000;
    CHECK(net.fails(request).kind == failure_kind::body_too_large);
    CHECK(files_in(directory) == 0);

    test_tcp_server half{
        net.loop, [](asio::ip::tcp::socket socket) -> asio::awaitable<void> {
            std::string buffer;
            co_await read_up_to(socket, buffer, "\r\n\r\n");
            co_await write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'x'));
            co_await wait_for_end(socket);
        }};
    request.url = "http://" + half.authority() + "/";
    for (const bool drop : {false, true}) {
        const operation_id id = net.start(request);
        run_until(net.loop, [&] { return files_in(directory) == 1; });
        if (drop) {
            CHECK(net.client.drop_owner(request.owner) == 1);
        } else {
            net.client.cancel(id);
            CHECK(net.wait(id).error().kind == failure_kind::cancelled);
        }
        CHECK(files_in(directory) == 0);
    }
}

TEST_CASE("files: a directory that cannot be written fails the operation and names the path") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request&, auto reply) { reply(answer(200, "data")); }};
    http_request request = net.get(server.url("/"));
    request.save_to = "/proc/no-such-directory/photo";
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::file);
    CHECK(why.text == "cannot write /proc/no-such-directory/photo: No such file or directory");
}
