// A TCP connection after the close frames. Internal to core/net.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace gateway::net {

// Ends our side and waits for the peer's end, reading and for at most 2 s, so that the kernel does not reset the
// connection under our last frame. Nothing may be under way on the socket.
void linger(boost::asio::ip::tcp::socket socket);

}  // namespace gateway::net
