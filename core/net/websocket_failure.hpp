// Why a WebSocket could not be opened, or was lost, in the words of failure.hpp. Internal to core/net.
#pragma once

#include "net/failure.hpp"
#include "net/websocket_answer.hpp"
#include "net/websocket_names.hpp"
#include "net/websocket_types.hpp"

#include <string>

namespace gateway::net {

// The upgrade ended in this error, with what is known of the answer. `peer` is host:port.
failure describe_upgrade(const error_code& error, const websocket_answer& answer, const std::string& peer);

// The open WebSocket ended in this error.
failure describe_loss(const error_code& error, const std::string& peer, const websocket_request& limits);

// It was being closed, and that took too long.
failure describe_late_close(const std::string& peer, const websocket_request& limits);

}  // namespace gateway::net
