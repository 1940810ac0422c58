// What the operator chose about the network ([net] in the configuration), with the bounds that hold for
// all instances together. Plain data, copied into each client.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gateway::net {

struct net_settings {
    std::string ca_file;                          // PEM bundle that replaces the system's trust store
    std::string ca_directory = "/etc/ssl/certs";  // hashed directory, read only when a certificate is needed
    std::string proxy;                            // http://, socks5:// or socks5h:// for all; empty: direct
    std::string user_agent = "gateway-host";      // sent when a request brings none of its own

    std::size_t max_operations = 65536;            // HTTP, in flight over all owners
    std::size_t max_connections = 4096;            // HTTP, open at once; more operations wait for one
    std::size_t max_connections_per_host = 256;    // HTTP, likewise
    std::size_t max_streams_per_connection = 256;  // HTTP/2; the server's own limit holds as well
    std::size_t max_pooled_connections = 256;      // HTTP; with more open, one that falls idle is closed
    std::size_t http2_from_requests = 16;          // http_version::automatic: see http_version_choice.hpp

    std::size_t max_websockets = 16384;  // open or opening over all owners

    // A dead peer is noticed by the kernel: keep-alive probes when idle, and an end to retransmissions.
    std::chrono::seconds keepalive_idle{30};
    std::chrono::seconds keepalive_interval{10};
    int keepalive_probes = 3;
    std::chrono::milliseconds unacknowledged_limit{30000};
};

}  // namespace gateway::net
