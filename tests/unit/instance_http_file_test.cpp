// HTTP bodies from and to files, as an instance sees them: one completion each, a file complete or not at all, and a
// sentence that names the file that is in the way.

#include "instance/http_service.hpp"
#include "instance_harness.hpp"
#include "support/net_http_server.hpp"
#include "support/net_test_loop.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

namespace {

using namespace gateway;
using test::answer;
using test::run_until;

gw_str as_gw(const std::string& text) {
    return {text.data(), text.size()};
}

struct end {
    std::uint64_t op;
    gw_status status;
    int http_status;
    int written;
    std::string body;
    std::string code;
    std::string text;
};

// One instance that starts what `asks` says when it is told to connect, and keeps how it ended.
struct file_world {
    struct ask {
        std::string method = "GET";
        std::string url;
        std::string upload{};
        std::string download{};
        std::string body{};
        std::string form_file{};
        std::int64_t max_body_bytes = 0;
    };

    test::scripted_host it;
    test::temporary_directory directory;
    boost::asio::io_context& loop = it.host.with().loop;
    std::vector<end> ends;
    std::vector<gw_status> started;

    file_world() {
        it.does.on_completion = [this](const gw_host& host, gw_token self, const gw_completion& what) {
            const auto& got = reinterpret_cast<const gw_http_response&>(what);
            CHECK(what.kind == GW_COMPLETION_HTTP);
            CHECK(host.cancel(self, what.op) == GW_ERR_NOT_FOUND);
            ends.push_back({what.op, what.status, got.http_status, got.written, std::string(instance::view(got.body)),
                            std::string(instance::view(got.code)), std::string(instance::view(got.text))});
        };
    }

    static gw_status request(const gw_host& host, gw_token self, std::uint64_t op, const ask& what) {
        gw_http_request request{};
        request.struct_size = sizeof(request);
        request.op = op;
        request.method = as_gw(what.method);
        request.url = as_gw(what.url);
        request.upload_path = as_gw(what.upload);
        request.download_path = as_gw(what.download);
        request.body = instance::borrow_bytes(what.body);
        request.max_body_bytes = what.max_body_bytes;
        const gw_http_field field{sizeof(gw_http_field), 0, {"photo", 5}, {}, as_gw(what.form_file), {"p.png", 5}, {}};
        request.form = {&field, what.form_file.empty() ? 0U : 1U, sizeof(field)};
        return static_cast<const gw_http*>(host.extension(self, GW_EXT_HTTP))->request(self, &request);
    }

    // Started by a new incarnation, as its operation 1.
    instance::key start(const ask& what) {
        it.does.connect = [this, what](const gw_host& host, gw_token self) {
            started.push_back(request(host, self, 1, what));
        };
        return it.create(0, ++incarnation_);
    }

    // Refused at once: nothing is told, and nothing is pending.
    gw_status refused(const ask& what) {
        started.clear();
        ends.clear();
        const auto which = start(what);
        it.host.destroy(which);
        it.run();
        CHECK(ends.empty());
        REQUIRE(started.size() == 1);
        return started[0];
    }

    // Accepted, and ended once.
    end finish(const ask& what) {
        started.clear();
        ends.clear();
        const auto which = start(what);
        CHECK(started == std::vector<gw_status>{GW_OK});
        run_until(loop, [&] { return !ends.empty(); });
        it.run();
        it.host.destroy(which);
        it.run();
        REQUIRE(ends.size() == 1);
        CHECK(ends[0].op == 1);
        return ends[0];
    }

    std::string path(const std::string& name) const { return (directory.path() / name).string(); }

    std::size_t files() const {
        const std::filesystem::directory_iterator all{directory.path()};
        return static_cast<std::size_t>(std::distance(begin(all), std::filesystem::directory_iterator{}));
    }

    static std::string content(const std::string& path) {
        std::ifstream in{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::uint32_t incarnation_ = 0;
};

// Answers "/404" so, all else with `body` and 200; keeps what it was sent.
class file_server {
public:
    explicit file_server(boost::asio::io_context& loop, std::string body = "data")
        : body_(std::move(body)), server_(loop, [this](const test::test_request& request, auto reply) {
              got.push_back(request.body());
              reply(request.target() == "/404" ? answer(404, "not here") : answer(200, body_));
          }) {}

    std::string url(const std::string& target = "/") const { return server_.url(target); }

    std::vector<std::string> got;

private:
    std::string body_;
    test::test_http_server server_;
};

// Announces 100 000 bytes, sends half of them and waits for the client to go.
boost::asio::awaitable<void> send_half(boost::asio::ip::tcp::socket socket) {
    std::string buffer;
    co_await test::read_up_to(socket, buffer, "\r\n\r\n");
    co_await test::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'x'));
    co_await test::wait_for_end(socket);
}

// The process may not write beyond a size, as with a quota or a full disk.
class small_files {
public:
    explicit small_files(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        const rlimit limit{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~small_files() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    small_files(const small_files&) = delete;
    small_files& operator=(const small_files&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

}  // namespace

TEST_CASE("http files: an upload is sent from its file, through a link too") {
    file_world world;
    const file_server server(world.loop);
    const std::string bytes(300'000, 'u');
    const auto file = world.directory.file("photo", bytes);
    std::filesystem::create_symlink(file, world.path("link"));
    world.directory.file("empty", "");
    for (const std::string name : {"photo", "link", "empty"}) {
        const auto end = world.finish({.method = "POST", .url = server.url(), .upload = world.path(name)});
        CHECK(end.status == GW_OK);
        CHECK(end.http_status == 200);
        CHECK(end.body == "data");
    }
    CHECK(server.got == std::vector<std::string>{bytes, bytes, ""});
}

TEST_CASE("http files: a form's file is sent as one of its fields, or ends the request like an upload") {
    file_world world;
    const file_server server(world.loop);
    const auto file = world.directory.file("photo", "\x89PNG");
    const auto missing = world.path("missing");
    CHECK(world.finish({.method = "POST", .url = server.url(), .form_file = file}).status == GW_OK);
    REQUIRE(server.got.size() == 1);
    CHECK(server.got[0].find("name=\"photo\"; filename=\"p.png\"") != std::string::npos);
    CHECK(server.got[0].find("\r\n\r\n\x89PNG\r\n") != std::string::npos);
    const auto end = world.finish({.method = "POST", .url = server.url(), .form_file = missing});
    CHECK(end.status == GW_ERR_IO);
    CHECK(end.text == "cannot read " + missing + ": No such file or directory");
    CHECK(world.refused({.method = "POST", .url = server.url(), .form_file = "photo"}) == GW_ERR_INVALID);
    CHECK(world.refused({.method = "POST", .url = server.url(), .upload = file, .form_file = file}) == GW_ERR_INVALID);
    CHECK(server.got.size() == 1);
}

TEST_CASE("http files: an upload that cannot be read completes once, unsent, and names the file") {
    file_world world;
    const file_server server(world.loop);
    REQUIRE(::mkfifo(world.path("fifo").c_str(), 0600) == 0);
    std::filesystem::create_symlink(world.path("loop"), world.path("loop"));
    const std::vector<std::pair<std::string, std::string>> table{{"missing", "No such file or directory"},
                                                                 {"missing/../missing", "No such file or directory"},
                                                                 {".", "not a regular file"},
                                                                 {"fifo", "not a regular file"},
                                                                 {"loop", "Too many levels of symbolic links"},
                                                                 {std::string(300, 'n'), "File name too long"}};
    for (const auto& [name, why] : table) {
        const auto end = world.finish({.method = "POST", .url = server.url(), .upload = world.path(name)});
        CHECK(end.status == GW_ERR_IO);
        CHECK(end.http_status == 0);
        CHECK(end.written == GW_HTTP_WRITTEN_NONE);
        CHECK(end.code == "file");
        CHECK(end.text == "cannot read " + world.path(name) + ": " + why);
    }
    CHECK(server.got.empty());
}

TEST_CASE("http files: an unreadable upload takes its number until it is told, can be cancelled and dies silently") {
    file_world world;
    const file_world::ask bad{.method = "POST", .url = "http://127.0.0.1:9/", .upload = world.path("missing")};
    world.it.does.connect = [&](const gw_host& host, gw_token self) {
        CHECK(file_world::request(host, self, 7, bad) == GW_OK);
        CHECK(file_world::request(host, self, 7, bad) == GW_ERR_DUPLICATE);
        CHECK(host.cancel(self, 7) == GW_OK);
    };
    world.it.create(0, 1);
    world.it.run();
    REQUIRE(world.ends.size() == 1);
    CHECK(world.ends[0].op == 7);
    CHECK(world.ends[0].status == GW_ERR_IO);

    world.ends.clear();
    instance::key second{};
    world.it.does.connect = [&](const gw_host& host, gw_token self) {
        CHECK(file_world::request(host, self, 7, bad) == GW_OK);
        world.it.host.destroy(second);
    };
    world.it.host.destroy({reconnect::slot_id{0}, reconnect::incarnation_id{1}});
    second = {reconnect::slot_id{0}, reconnect::incarnation_id{2}};
    world.it.create(0, 2);
    world.it.run();
    CHECK(world.ends.empty());
    CHECK(world.it.does.alive.empty());
}

TEST_CASE("http files: an upload that shrinks while it is sent ends as a file's failure, maybe written") {
    file_world world;
    const file_server server(world.loop);
    const auto file = world.directory.file("shrinking", std::string(1'000'000, 's'));
    world.it.does.connect = [&](const gw_host& host, gw_token self) {
        CHECK(file_world::request(host, self, 1, {.method = "POST", .url = server.url(), .upload = file}) == GW_OK);
        std::filesystem::resize_file(file, 1000);
    };
    world.it.create();
    run_until(world.loop, [&] { return !world.ends.empty(); });
    CHECK(world.ends[0].status == GW_ERR_IO);
    CHECK(world.ends[0].code == "file");
    CHECK(world.ends[0].written == GW_HTTP_WRITTEN_MAYBE);
}

TEST_CASE("http files: a path that is not absolute, cut by a NUL or no text is refused, and so is a second body") {
    file_world world;
    const file_server server(world.loop);
    const auto file = world.directory.file("it", "it");
    using namespace std::string_literals;
    for (const auto& bad : {"it"s, "./it"s, "../../etc/passwd"s, "~/it"s, file + "\0.png"s, file + "\xff",
                            "/" + std::string(4095, 'l')}) {
        CAPTURE(bad);
        CHECK(world.refused({.method = "POST", .url = server.url(), .upload = bad}) == GW_ERR_INVALID);
        CHECK(world.refused({.url = server.url(), .download = bad}) == GW_ERR_INVALID);
    }
    CHECK(world.refused({.method = "POST", .url = server.url(), .upload = file, .body = "b"}) == GW_ERR_INVALID);
    CHECK(world.refused({.method = "GET", .url = server.url(), .upload = file}) == GW_ERR_INVALID);
    // The longest that is allowed is a matter for the file system.
    const auto longest = "/" + std::string(4094, 'l');
    CHECK(world.finish({.method = "POST", .url = server.url(), .upload = longest}).status == GW_ERR_IO);
    CHECK(server.got.empty());
    CHECK(world.files() == 1);
}

TEST_CASE("http files: a download is there when it is told, for the host's user alone, and replaces what was there") {
    file_world world;
    const std::string bytes(900'000, 'd');
    const file_server server(world.loop, bytes);
    const auto elsewhere = world.directory.file("elsewhere", "untouched");
    world.directory.file("old", "old");
    std::filesystem::create_symlink(elsewhere, world.path("link"));
    for (const std::string name : {"new", "old", "link"}) {
        const auto end = world.finish({.url = server.url(), .download = world.path(name)});
        CHECK(end.status == GW_OK);
        CHECK(end.http_status == 200);
        CHECK(end.body.empty());
        CHECK(file_world::content(world.path(name)) == bytes);
        struct stat status{};
        REQUIRE(::lstat(world.path(name).c_str(), &status) == 0);
        CHECK(S_ISREG(status.st_mode));
        CHECK((status.st_mode & 0777U) == 0600U);
    }
    CHECK(file_world::content(elsewhere) == "untouched");
    CHECK(world.files() == 4);
}

TEST_CASE("http files: an answer that is no 2xx comes in memory and leaves the file alone") {
    file_world world;
    const file_server server(world.loop);
    const auto file = world.directory.file("it", "before");
    const auto end = world.finish({.url = server.url("/404"), .download = file});
    CHECK(end.status == GW_OK);
    CHECK(end.http_status == 404);
    CHECK(end.body == "not here");
    CHECK(file_world::content(file) == "before");
    CHECK(world.files() == 1);
}

TEST_CASE("http files: what cannot be saved completes once, names the file and leaves nothing behind") {
    file_world world;
    const file_server server(world.loop, std::string(900'000, 'd'));
    std::filesystem::create_directory(world.path("folder"));
    const std::vector<std::pair<std::string, std::string>> table{
        {world.path("missing/it"), "No such file or directory"},
        {world.path("folder"), "Is a directory"},
        {"/proc/it", "No such file or directory"},
        {world.path(std::string(250, 'n')), "File name too long"}};
    for (const auto& [path, why] : table) {
        const auto end = world.finish({.url = server.url(), .download = path});
        CHECK(end.status == GW_ERR_IO);
        CHECK(end.code == "file");
        CHECK(end.text == "cannot write " + path + ": " + why);
        CHECK(end.written == GW_HTTP_WRITTEN_MAYBE);
        CHECK(world.files() == 1);
    }
}

TEST_CASE("http files: a full disk ends a download, and the file that was there is still whole") {
    file_world world;
    const file_server server(world.loop, std::string(900'000, 'd'));
    const auto file = world.directory.file("it", "before");
    for (const rlim_t room : {rlim_t{200'000}, rlim_t{899'999}}) {
        const small_files now(room);
        const auto end = world.finish({.url = server.url(), .download = file});
        CHECK(end.status == GW_ERR_IO);
        CHECK(end.text == "cannot write " + file + ": File too large");
    }
    CHECK(file_world::content(file) == "before");
    CHECK(world.files() == 1);
    CHECK(world.finish({.url = server.url(), .download = file}).status == GW_OK);
}

TEST_CASE("http files: an answer larger than asked for is no file, and 1 MiB is the bound that nobody asked for") {
    file_world world;
    const std::size_t bytes = (std::size_t{1} << 20U) + 1;
    const file_server server(world.loop, std::string(bytes, 'd'));
    const auto url = server.url();
    for (const std::int64_t bound : {std::int64_t{1000}, std::int64_t{0}, static_cast<std::int64_t>(bytes - 1)}) {
        CHECK(world.finish({.url = url, .download = world.path("it"), .max_body_bytes = bound}).status ==
              GW_ERR_TOO_LARGE);
        CHECK(world.files() == 0);
    }
    CHECK(world.refused({.url = url, .download = world.path("it"), .max_body_bytes = -1}) == GW_ERR_INVALID);
    for (const std::int64_t bound : {static_cast<std::int64_t>(bytes), INT64_MAX}) {
        CHECK(world.finish({.url = url, .download = world.path("it"), .max_body_bytes = bound}).status == GW_OK);
        CHECK(std::filesystem::file_size(world.path("it")) == bytes);
    }
}

TEST_CASE("http files: in memory an answer has at most 16 MiB, in a file more") {
    file_world world;
    const std::size_t bytes = (std::size_t{16} << 20U) + 1;
    const file_server server(world.loop, std::string(bytes, 'd'));
    const std::int64_t bound = std::int64_t{1} << 40;
    CHECK(world.finish({.url = server.url(), .max_body_bytes = bound}).status == GW_ERR_TOO_LARGE);
    CHECK(world.finish({.url = server.url(), .download = world.path("it"), .max_body_bytes = bound}).status == GW_OK);
    CHECK(std::filesystem::file_size(world.path("it")) == bytes);
}

TEST_CASE("http files: a download that is cut off, cancelled or its incarnation's last leaves only what was there") {
    file_world world;
    test::test_tcp_server half{world.loop, send_half};
    test::test_tcp_server cut{world.loop, [](boost::asio::ip::tcp::socket socket) -> boost::asio::awaitable<void> {
                                  std::string buffer;
                                  co_await test::read_up_to(socket, buffer, "\r\n\r\n");
                                  co_await test::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" +
                                                                       std::string(50'000, 'x'));
                              }};
    const auto file = world.directory.file("it", "before");
    const auto end = world.finish({.url = "http://" + cut.authority() + "/", .download = file});
    CHECK(end.status == GW_ERR_NETWORK);
    CHECK(end.written == GW_HTTP_WRITTEN_MAYBE);
    CHECK(world.files() == 1);

    const file_world::ask pending{.url = "http://" + half.authority() + "/", .download = file};
    world.ends.clear();
    const auto cancelled = world.start(pending);
    run_until(world.loop, [&] { return world.files() == 2; });
    world.it.host.http().cancel(*world.it.host.find(cancelled)->find(1));
    run_until(world.loop, [&] { return !world.ends.empty(); });
    CHECK(world.ends[0].status == GW_ERR_CANCELLED);
    CHECK(world.files() == 1);
    world.it.host.destroy(cancelled);
    world.it.run();

    world.ends.clear();
    const auto dying = world.start(pending);
    run_until(world.loop, [&] { return world.files() == 2; });
    world.it.host.destroy(dying);
    world.it.run();
    CHECK(world.ends.empty());
    CHECK(world.files() == 1);
    CHECK(file_world::content(file) == "before");
}
