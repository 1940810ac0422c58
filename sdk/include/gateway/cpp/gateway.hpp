// The C++ face of the gateway's ABI, in one include. Header-only; needs nothing but C++20's standard library.
//
//     class echo : public gateway::sdk::adapter { … };
//     GATEWAY_ADAPTER(echo, R"({"name": "echo", …})");
//
// Order to read: adapter.hpp, host.hpp, message.hpp, delivery.hpp, batch.hpp.
#pragma once

#include <gateway/cpp/adapter.hpp>
#include <gateway/cpp/batch.hpp>
#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/callback.hpp>
#include <gateway/cpp/delivery.hpp>
#include <gateway/cpp/duration.hpp>
#include <gateway/cpp/entry.hpp>
#include <gateway/cpp/files.hpp>
#include <gateway/cpp/host.hpp>
#include <gateway/cpp/http.hpp>
#include <gateway/cpp/inbound.hpp>
#include <gateway/cpp/message.hpp>
#include <gateway/cpp/op_table.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/cpp/websocket.hpp>
