// The token is in every URL, and in nothing that the host writes, answers or keeps.

#include "telegram_rig.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

using namespace gateway::test;
namespace json = boost::json;

namespace {

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// What is searched for: the whole, as it stands in a URL's path, percent-encoded, and the half that is the secret.
std::vector<std::string> forms_of(std::string_view token) {
    const auto colon = token.find(':');
    const std::string id(token.substr(0, colon));
    const std::string secret(token.substr(colon + 1));
    std::string escaped;
    for (const char each : token) {
        constexpr const char* digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(each);
        escaped += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    return {secret, id + "%3A" + secret, id + "%3a" + secret, escaped};
}

void holds_no_token(const std::string& where, std::string_view text) {
    for (const auto& form : forms_of(bot_token)) {
        INFO(where << " holds " << form);
        CHECK(text.find(form) == std::string_view::npos);
    }
}

// Every file below; returns how many there were.
std::size_t check_files(const std::filesystem::path& folder) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        holds_no_token("a file's name", entry.path().string());
        if (entry.is_regular_file()) {
            holds_no_token(entry.path().string(), content_of(entry.path()));
            ++files;
        }
    }
    return files;
}

void check_control(const host_process& host) {
    for (const char* target : {"/v1/adapters", "/v1/adapters/tg", "/v1/modules", "/v1/chats", "/v1/counters"}) {
        const auto answer = host.get(target);
        CHECK(answer.status == 200);
        holds_no_token(target, json::serialize(answer.body));
    }
}

std::string page_with_token(std::string_view before) {
    return std::string(before) + "/bot" + bot_token + "/getUpdates and " + forms_of(bot_token)[1];
}

}  // namespace

TEST_CASE("telegram: what the search for a token looks for is found when it is there") {
    CHECK(page_with_token("").find(forms_of(bot_token)[0]) != std::string::npos);
    CHECK(page_with_token("").find(forms_of(bot_token)[1]) != std::string::npos);
    CHECK(forms_of("1:ab")[3] == "%31%3A%61%62");
}

TEST_CASE("telegram: the token is in no log, answer or file, though servers and proxies tell it back") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.server.inject(telegram_fault::raw(502, page_with_token("<html>no route to "), "text/html").on("getUpdates"));
    rig.server.inject(telegram_fault::error(500, page_with_token("cannot serve ")).on("getUpdates"));
    rig.server.inject(telegram_fault::raw(200, page_with_token("not JSON: ")).on("getUpdates"));
    auto elsewhere = telegram_fault::raw(302, "");
    elsewhere.headers.emplace_back("Location", page_with_token("http://example.org"));
    rig.server.inject(std::move(elsewhere).on("getUpdates"));
    rig.server.inject(telegram_fault::of(telegram_fault::kind::reset).on("getUpdates"));
    rig.server.inject(telegram_fault::error(403, page_with_token("Forbidden: ")).on("sendMessage"));
    rig.start();
    rig.wait_for_failure("waiting", "transient", "http_502");
    check_control(rig.host);
    rig.wait_for_failure("waiting", "transient", "http_500");
    rig.wait_for_failure("waiting", "transient", "redirect");
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.user_says(7, "refused");
    rig.host.wait_for_line({"a delivery failed", "instance=tg", "code=http_403"});
    rig.talk("hello");
    check_control(rig.host);
    CHECK(check_files(rig.host.state_dir()) > 2);
    rig.server.stop_listening();
    rig.server.drop_connections(true);
    rig.wait_for_failure("waiting", "transient", "connect");
    check_control(rig.host);
    rig.host.signal(SIGTERM);
    CHECK(rig.host.wait_for_exit() == 0);
    check_files(rig.host.state_dir());
    REQUIRE(rig.host.output().size() > 1000);
    holds_no_token("the log", rig.host.output());
}

TEST_CASE("telegram: a wrong token is not told either") {
    telegram_rig rig;
    rig.server.call([](telegram_api& api) { api.revoke(bot_token); });
    rig.host.configure("[gateway]\non_all_failed = \"stay\"\n" + bot_table("tg", bot_token, rig.server.url()));
    rig.start();
    rig.wait_for_failure("failed", "auth", "unauthorized");
    check_control(rig.host);
    rig.host.kill();
    CHECK(check_files(rig.host.state_dir()) > 2);
    holds_no_token("the log", rig.host.output());
}

TEST_CASE("telegram: a token in the wrong place of the configuration is not told by its complaint") {
    telegram_rig rig;
    rig.host.configure("[adapters.tg]\nplugin = \"telegram\"\ntokn = \"" + std::string(bot_token) +
                       "\"\napi_root = [\"" + std::string(bot_token) + "\"]\npoll_timeout = \"" + bot_token + "\"\n");
    rig.start();
    rig.host.wait_for_line({"tokn"});
    CHECK(rig.host.wait_for_exit() == 78);
    holds_no_token("the log", rig.host.output());
}
