// Which version a request goes out with when that is left to the host, per origin (scheme, host, port).
//
// HTTP/1.1 while few are under way: what becomes of a request is known best there, and nothing is shared that could
// break for all. HTTP/2 for what exceeds that, such as the long polls of many accounts, which would take a connection
// each. And the other one when only one of them works: some networks, servers and their proxies break long polls over
// one version alone. A version is failing after three breakdowns without an answer between them; breakdowns within a
// few seconds are one, since a connection takes all its requests with it. It is tried again after a while.
//
// Pure. Bounds: what is under way, and max_remembered origins beside it.
#pragma once

#include "net/http_types.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace gateway::net {

class http_version_choice {
public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr unsigned breakdowns_in_a_row = 3;
    static constexpr std::chrono::seconds one_breakdown{5};
    static constexpr std::chrono::minutes avoided{10};
    static constexpr std::size_t max_remembered = 1024;

    enum class outcome : std::uint8_t {
        answered,
        broke,   // the connection was there, the answer was not
        neither  // says nothing about the version
    };

    // With so many requests under way to an origin, the next one is HTTP/2.
    explicit http_version_choice(std::size_t http2_from) : http2_from_(http2_from) {}

    // For one more request, http1 or http2. Each is followed by one end() with what was returned here.
    http_version begin(const std::string& to, time_point now);
    void end(const std::string& to, http_version with, outcome how, time_point now);

    [[nodiscard]] std::size_t origins() const noexcept { return origins_.size(); }

private:
    struct record {
        unsigned breakdowns = 0;
        time_point last_breakdown{};

        [[nodiscard]] bool failing(time_point now) const {
            return breakdowns >= breakdowns_in_a_row && now - last_breakdown < avoided;
        }
    };
    struct origin {
        std::size_t under_way = 0;
        std::array<record, 2> records;  // HTTP/1.1, HTTP/2
    };

    void forget_idle();

    std::size_t http2_from_;
    std::unordered_map<std::string, origin> origins_;
};

}  // namespace gateway::net
