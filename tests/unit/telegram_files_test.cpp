// Where a file is, and why there is none.
#include "telegram_files.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace gateway;
using namespace gateway::telegram;

namespace {

found_file found(std::string_view body, int status = 200, std::int64_t max_size = 100) {
    return parse_file(parse_answer({.http_status = status, .body = body}, "SeCrEt"), max_size);
}

found_file at(std::string_view path) {
    return found(R"({"ok":true,"result":{"file_id":"f","file_path":")" + std::string(path) + R"("}})");
}

std::string why(const found_file& file) {
    CHECK(file.path == "");
    return std::string(sdk::to_string(file.why.result)) + " " + file.why.code + ": " + file.why.text;
}

}  // namespace

TEST_CASE("telegram: a file's path is one that can be asked for") {
    CHECK(get_file_request("a\"b").method == "getFile");
    CHECK(get_file_request("a\"b").body == R"({"file_id":"a\"b"})");
    CHECK(at("documents/file_3.pdf").path == "documents/file_3.pdf");
    CHECK(at("a b/ä?x#y%").path == "a%20b/%C3%A4%3Fx%23y%25");
    CHECK(at("a/..b").path == "a/..b");
    CHECK(why(at("a/../../botX/getMe")).starts_with("not_found no_path"));
    CHECK(why(at("..")).starts_with("not_found no_path"));
    CHECK(why(at(std::string(2'000, 'x'))).starts_with("not_found no_path"));
    CHECK(why(at("")).starts_with("not_found no_path"));
    CHECK(why(at("/var/lib/bot/file")).starts_with("not_found local_path"));
    CHECK(why(found(R"({"ok":true,"result":true})")).starts_with("not_found no_path"));
}

TEST_CASE("telegram: a file that is too large is told as that, before it is downloaded") {
    CHECK(why(found(R"({"ok":false,"error_code":400,"description":"Bad Request: file is too big"})", 400)) ==
          "too_large too_large: Telegram gives bots files of at most 20 MB: this one is larger.");
    CHECK(why(found(R"({"ok":true,"result":{"file_path":"x","file_size":101}})")) ==
          "too_large too_large: The file has 101 bytes: more than the 100 that are wanted.");
    CHECK(found(R"({"ok":true,"result":{"file_path":"x","file_size":100}})").path == "x");
}

TEST_CASE("telegram: why a file cannot be got") {
    CHECK(why(found(R"({"ok":false,"error_code":400,"description":"Bad Request: wrong file_id SeCrEt"})", 400)) ==
          "not_found not_found: Telegram does not give this file: Bad Request: wrong file_id …");
    CHECK(why(found("<html>", 502)).starts_with("network http_502: "));
    CHECK(why(parse_file(parse_answer({.result = sdk::status::timeout, .code = "timeout_idle", .text = "Slow."}, ""),
                         1)) == "timeout timeout_idle: getFile failed: Slow.");
    const auto failed = [](const sdk::http_response& response) {
        return why({.why = failed_download(response, "SeCrEt")});
    };
    CHECK(failed({.http_status = 404}) == "not_found http_404: The download got the HTTP status 404.");
    CHECK(failed({.http_status = 500}).starts_with("network http_500: "));
    CHECK(failed({.result = sdk::status::network, .code = "reset", .text = "At SeCrEt."}) ==
          "network reset: The download failed: At ….");
    CHECK(failed({.result = sdk::status::timeout, .code = "timeout_total"}).starts_with("timeout timeout_total: "));
    CHECK(failed({.result = sdk::status::io, .code = "io", .text = "Full."}).starts_with("io io: "));
    CHECK(failed({.result = sdk::status::too_large}).starts_with("too_large too_large: "));
}
