// Beast's WebSocket over our transport. Whoever includes this compiles much of Beast. Internal to core/net.
#pragma once

#include "net/websocket_names.hpp"
#include "net/websocket_transport.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gateway::net {

using websocket_stream = websocket::stream<websocket_transport>;

}  // namespace gateway::net
