// The sender with a manual clock, what it asked for, and short ways to answer. No host, no sockets.
#pragma once

#include "telegram_sender.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gateway::telegram {

struct sending_rig {
    sender under_test{"tg"};
    std::chrono::milliseconds now{1'000};
    std::vector<act::send> sent;
    std::vector<act::get_file> wanted;
    std::vector<act::type> typed;
    std::vector<std::chrono::milliseconds> ticks;
    std::vector<sdk::receipt> receipts;
    std::vector<sdk::failure> unauthorized;

    void take(const sender_actions& actions) {
        for (const sender_action& action : actions) {
            if (const auto* send = std::get_if<act::send>(&action)) {
                sent.push_back(*send);
            } else if (const auto* get = std::get_if<act::get_file>(&action)) {
                wanted.push_back(*get);
            } else if (const auto* type = std::get_if<act::type>(&action)) {
                typed.push_back(*type);
            } else if (const auto* tick = std::get_if<act::tick_after>(&action)) {
                ticks.push_back(tick->delay);
            } else if (const auto* receipt = std::get_if<sdk::receipt>(&action)) {
                receipts.push_back(*receipt);
            } else {
                unauthorized.push_back(std::get<act::unauthorized>(action).why);
            }
        }
    }
    void deliver(const sdk::delivery_view& what) { take(under_test.deliver(what, now)); }
    void deliver(std::uint64_t id, std::string_view chat, std::string_view text, std::string_view thread = {},
                 std::string_view reply_to = {}) {
        deliver({.id = sdk::delivery_id{id},
                 .message = {.chat = chat, .thread = thread, .reply_to = reply_to, .text = text}});
    }
    void answer_to(std::uint64_t id, int status, std::string_view body) {
        take(under_test.answered(sdk::delivery_id{id}, parse_answer({.http_status = status, .body = body}, {}), now));
    }
    void ok(std::uint64_t id, int message_id) {
        answer_to(id, 200, R"({"ok":true,"result":{"message_id":)" + std::to_string(message_id) + "}}");
    }
    void ok_true(std::uint64_t id) { answer_to(id, 200, R"({"ok":true,"result":true})"); }
    void refuse(std::uint64_t id, int code, std::string_view description, std::string_view more = "") {
        answer_to(id, code,
                  R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" +
                      std::string(description) + "\"" + std::string(more) + "}");
    }
    void break_call(std::uint64_t id, sdk::status result, std::string_view code, bool maybe_written) {
        take(under_test.answered(
            sdk::delivery_id{id},
            parse_answer({.result = result, .maybe_written = maybe_written, .code = code, .text = "It broke."}, {}),
            now));
    }
    [[nodiscard]] boost::json::object body(std::size_t index) const {
        return boost::json::parse(sent.at(index).what.body).as_object();
    }
    [[nodiscard]] std::string_view method(std::size_t index) const { return sent.at(index).what.method; }
    // Of a form; empty when it is not there.
    [[nodiscard]] sdk::http_field field(std::size_t index, std::string_view name) const {
        for (const sdk::http_field& each : sent.at(index).what.form) {
            if (each.name == name) {
                return each;
            }
        }
        return {};
    }
};

[[nodiscard]] inline sdk::receipt sent_receipt(std::uint64_t id, std::vector<std::string> ids, std::uint32_t calls) {
    sdk::receipt made = sdk::receipt::sent(sdk::delivery_id{id}, std::move(ids));
    made.calls = calls;
    return made;
}

inline const std::string three_pieces =
    std::string(4096, 'a') + "\n" + std::string(4096, 'b') + "\n" + std::string(10, 'c');

}  // namespace gateway::telegram
