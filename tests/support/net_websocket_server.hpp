// The server's side of a WebSocket byte by byte, for peers that no library would let one be.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::test {

// Reads the upgrade and returns the answer that accepts it, with about `padding_bytes` of further headers.
boost::asio::awaitable<std::string> raw_upgrade_answer(boost::asio::ip::tcp::socket& socket, std::size_t padding_bytes);

constexpr int frame_text = 0x1;
constexpr int frame_close = 0x8;

// One final, unmasked frame.
std::string raw_frame(int opcode, std::string_view payload);

// A close frame's payload.
std::string raw_close(std::uint16_t code, std::string_view reason);

// Reads and discards until the client closes.
boost::asio::awaitable<void> wait_for_end_of(boost::asio::ip::tcp::socket socket);

}  // namespace gateway::test
