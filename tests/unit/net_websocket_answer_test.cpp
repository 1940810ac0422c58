#include "net/websocket_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

using gateway::net::websocket_answer;
using verdict = websocket_answer::verdict;

namespace {

// Hands the answer over in reads of at most `step` bytes, as long as it wants more.
websocket_answer given(const std::string& text, std::size_t step = 100000) {
    websocket_answer answer;
    for (std::size_t at = 0; at < text.size() && answer.judgement() == verdict::incomplete;) {
        const auto room = answer.room();
        const std::size_t size = std::min({step, room.size(), text.size() - at});
        boost::asio::buffer_copy(room, boost::asio::buffer(text.data() + at, size));
        answer.came(size);
        at += size;
    }
    return answer;
}

std::string next(websocket_answer& answer, std::size_t size) {
    std::string part(size, '\0');
    part.resize(answer.take(boost::asio::buffer(part)));
    return part;
}

}  // namespace

TEST_CASE("websocket answer: the head is handed out alone, what follows after it") {
    const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    for (const std::size_t step : {1U, 7U, 1000U}) {
        CAPTURE(step);
        websocket_answer answer = given(head, step);
        REQUIRE(answer.judgement() == verdict::upgraded);
        CHECK_FALSE(answer.done());
        CHECK(next(answer, 10) == head.substr(0, 10));
        CHECK(next(answer, 1000) == head.substr(10));
        CHECK(answer.done());
    }
    websocket_answer answer = given(head + "frames");
    CHECK(next(answer, 1000) == head);
    CHECK_FALSE(answer.done());
    CHECK(next(answer, 1000) == "frames");
    CHECK(answer.done());
}

TEST_CASE("websocket answer: another status is a refusal as soon as its head is there") {
    const websocket_answer answer = given("HTTP/1.1 503\r\nContent-Length: 5\r\n\r\n");
    CHECK(answer.judgement() == verdict::refused);
    CHECK(answer.status() == 503);
    CHECK(given("HTTP/1.0 200 OK\r\n\r\n").status() == 200);
    CHECK(given("HTTP/1.1 503 x\r\n").judgement() == verdict::incomplete);
}

TEST_CASE("websocket answer: what does not begin as HTTP is told at once") {
    for (const std::string text : {"S", "SSH-2.0", "HTTP/2", "\r\n", "HTTP/1.1 1x1 no\r\n\r\n", "HTTP/1.1 1\r\n\r\n",
                                   "HTTP/1.1  101 x\r\n\r\n", "HTTP/1.1 1010\r\n\r\n"}) {
        CAPTURE(text);
        CHECK(given(text).judgement() == verdict::not_http);
    }
    CHECK(given("HTT").judgement() == verdict::incomplete);
}

TEST_CASE("websocket answer: a head has a bound, to the byte") {
    const std::string begin = "HTTP/1.1 101 x\r\nx: ";
    const std::string end = "\r\n\r\n";
    const std::size_t room = websocket_answer::max_head_bytes - begin.size() - end.size();
    for (const std::size_t step : {1U, 1000U}) {
        CAPTURE(step);
        CHECK(given(begin + std::string(room, 'x') + end, step).judgement() == verdict::upgraded);
        CHECK(given(begin + std::string(room + 1, 'x') + end, step).judgement() == verdict::too_large);
    }
}
