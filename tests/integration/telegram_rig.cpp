#include "telegram_rig.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

namespace gateway::test {

std::string bot_table(std::string_view name, std::string_view token, std::string_view api_root, std::string_view more) {
    return std::string("[adapters.").append(name) + "]\nplugin = \"telegram\"\ntoken = \"" + std::string(token) +
           "\"\napi_root = \"" + std::string(api_root) + "\"\n" + std::string(more) + "\n";
}

std::string echo_tables() {
    return "[adapters.echo]\nplugin = \"stub\"\necho = true\n[[routes]]\nfrom = \"tg*\"\nto = \"echo\"\n";
}

telegram_rig::telegram_rig(telegram_test_server::options settings) : server(std::move(settings)) {
    server.add_bot(bot_token, "test_bot");
    host.install(GATEWAY_STUB_MODULE);
    host.install(GATEWAY_TELEGRAM_MODULE);
    host.add_argument("--log-level");
    host.add_argument("debug");
    configure();
}

void telegram_rig::configure(std::string_view top, std::string_view more) {
    host.configure(std::string(top) + bot_table("tg", bot_token, server.url(), more) + echo_tables());
}

void telegram_rig::start() {
    host.start();
}

void telegram_rig::start_online() {
    start();
    host.wait_for_line({"online", "instance=tg"});
    wait_for_poll();
}

said telegram_rig::user_says(std::int64_t chat, std::string_view text, const say_options& how) {
    const auto made = server.user_says(bot_token, chat, 7, text, how);
    REQUIRE(made.update_id != 0);
    return made;
}

sent_log telegram_rig::wait_for_sent(std::size_t count) {
    const bool all = server.wait_for_sent(bot_token, count, patience);
    INFO("the host wrote:\n" << host.output());
    REQUIRE_MESSAGE(all, "the bot did not send so many messages in time");
    return server.sent(bot_token);
}

void telegram_rig::wait_for_poll() {
    const bool polled = server.wait_for_poll(bot_token, patience);
    INFO("the host wrote:\n" << host.output());
    REQUIRE_MESSAGE(polled, "no poll came in time");
}

void telegram_rig::talk(std::string_view text, std::size_t count) {
    user_says(7, text);
    const auto sent = wait_for_sent(count);
    CHECK(text_of(sent.at(count - 1), "text") == text);
}

std::vector<logged_request> telegram_rig::requests_of(std::string_view method) {
    const auto all = server.requests();
    std::vector<logged_request> found;
    std::ranges::copy_if(all, std::back_inserter(found), [&](const auto& each) { return each.method == method; });
    return found;
}

void telegram_rig::wait_for_requests(std::string_view method, std::size_t count) {
    const bool all = server.wait_for_request(method, count, patience);
    INFO("the host wrote:\n" << host.output());
    REQUIRE_MESSAGE(all, "so many requests did not come in time");
}

std::string telegram_rig::wait_for_failure(std::string_view state, std::string_view cls, std::string_view code) {
    return host.wait_for_line(
        {std::string(state), "instance=tg ", std::string("class=").append(cls), std::string("code=").append(code)});
}

std::int64_t telegram_rig::counter(std::string_view group, std::string_view name) const {
    return host.get("/v1/counters").body.at(group).at(name).to_number<std::int64_t>();
}

std::string text_of(const boost::json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string());
}

std::int64_t number_of(const boost::json::object& from, std::string_view name) {
    return from.at(name).to_number<std::int64_t>();
}

std::int64_t field_of(std::string_view line, std::string_view name) {
    const auto word = std::string(1, ' ').append(name).append("=");
    const auto at = line.find(word);
    INFO("line: " << std::string(line));
    REQUIRE(at != std::string_view::npos);
    return std::stoll(std::string(line.substr(at + word.size())));
}

}  // namespace gateway::test
