// The short names by which the WebSocket sources call what they use of Asio and Beast. Internal to core/net.
#pragma once

#include <boost/system/error_code.hpp>

namespace boost::asio {}
namespace boost::beast::http {}
namespace boost::beast::websocket {}

namespace gateway::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

}  // namespace gateway::net
