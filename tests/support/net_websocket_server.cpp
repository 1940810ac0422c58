#include "support/net_websocket_server.hpp"

#include "support/net_tcp_server.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

namespace gateway::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// RFC 6455, 4.2.2.
std::string accept_value(const std::string& key) {
    const std::string joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest);
    std::string text(29, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest, SHA_DIGEST_LENGTH);
    text.resize(28);
    return text;
}

}  // namespace

asio::awaitable<std::string> raw_upgrade_answer(tcp::socket& socket, std::size_t padding_bytes) {
    std::string buffer;
    const std::string head = co_await read_up_to(socket, buffer, "\r\n\r\n");
    constexpr std::string_view name = "Sec-WebSocket-Key: ";
    const std::size_t at = head.find(name) + name.size();
    std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    answer += "Sec-WebSocket-Accept: " + accept_value(head.substr(at, head.find('\r', at) - at)) + "\r\n";
    while (padding_bytes > 0) {
        const std::size_t size = std::min<std::size_t>(padding_bytes, 500);
        answer += "x-padding: " + std::string(size, 'x') + "\r\n";
        padding_bytes -= size;
    }
    co_return answer + "\r\n";
}

std::string raw_frame(int opcode, std::string_view payload) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    const auto append = [&frame](std::size_t value, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) {
            frame += static_cast<char>(value >> (8 * i) & 0xFFU);
        }
    };
    if (payload.size() < 126) {
        append(payload.size(), 1);
    } else if (payload.size() <= 0xFFFF) {
        append(126, 1);
        append(payload.size(), 2);
    } else {
        append(127, 1);
        append(payload.size(), 8);
    }
    return frame.append(payload);
}

std::string raw_close(std::uint16_t code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return payload.append(reason);
}

asio::awaitable<void> wait_for_end_of(tcp::socket socket) {
    co_await wait_for_end(socket);
}

}  // namespace gateway::test
