// Inbound HTTP: see gateway/ext/inbound.h for the bounds and defaults (0 = the default).
//
// A route and a response own their text and are needed only until the call returns; a request is valid while its
// callback runs.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/http.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/ext/inbound.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::sdk {

enum class inbound_id : std::uint64_t {};

struct inbound_route {
    std::string path{};
    std::string secret_header{};
    std::string secret{};
    std::int64_t max_body_bytes = 0;
    std::chrono::milliseconds respond_timeout{0};
};

struct inbound_request {
    bool ended = false;  // the last call: nothing is listened for any more; result and text say why
    status result = status::ok;
    inbound_id id{};
    std::string_view method{};
    std::string_view query{};
    struct_range<gw_http_header> headers{};
    std::string_view body{};
    std::string_view text{};

    [[nodiscard]] static inbound_request from(const gw_completion& completion) noexcept {
        const auto raw = read_struct<gw_inbound_request>(&completion, completion.struct_size);
        return {.ended = (raw.base.flags & GW_COMPLETION_MORE) == 0,
                .result = status{raw.base.status},
                .id = inbound_id{raw.request},
                .method = view(raw.method),
                .query = view(raw.query),
                .headers = struct_range<gw_http_header>(raw.headers),
                .body = view(raw.body),
                .text = view(raw.text)};
    }
};

struct inbound_response {
    int http_status = 200;
    std::vector<http_header> headers{};
    std::string body{};
};

}  // namespace gateway::sdk
