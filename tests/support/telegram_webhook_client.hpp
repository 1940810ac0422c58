#pragma once
// Carries the posts of webhooks out over HTTP/1.1 on 127.0.0.1, in the clear: to the port the test routes them to, as
// if a reverse proxy ended TLS there, or else to that of an http:// URL. Connections are kept and used again. The
// transport runs on the thread of its io_context, which outlives it. Bounds: max_idle kept connections, max_answer
// bytes.

#include "support/telegram_webhook.hpp"

#include <boost/asio/io_context.hpp>

namespace gateway::test {

webhook_transport make_webhook_transport(boost::asio::io_context& io);

}  // namespace gateway::test
