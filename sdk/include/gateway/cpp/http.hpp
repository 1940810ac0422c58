// HTTP requests and responses: see gateway/ext/http.h for the bounds and defaults (0 = the default).
//
// A request owns its text and is needed only until host_handle::http returns; a response is valid while its callback
// runs.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/ext/http.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::sdk {

struct http_header {
    std::string name{};
    std::string value{};
};

enum class http_version : std::int32_t {
    automatic = GW_HTTP_VERSION_AUTO,
    http1 = GW_HTTP_VERSION_1,
    http2 = GW_HTTP_VERSION_2,
    http2_prior_knowledge = GW_HTTP_VERSION_2_PRIOR_KNOWLEDGE
};

// A field of a form: its value, or a file whose content is the value.
struct http_field {
    std::string name{};
    std::string value{};
    std::string path{};
    std::string file_name{};
    std::string content_type{};
};

struct http_request {
    std::string method = "GET";
    std::string url{};
    std::vector<http_header> headers{};
    std::string body{};
    std::string upload_path{};
    std::string download_path{};
    http_version version = http_version::automatic;
    std::chrono::milliseconds connect_timeout{0};
    std::chrono::milliseconds idle_timeout{0};
    std::chrono::milliseconds total_timeout{0};
    std::int64_t max_body_bytes = 0;
    std::vector<http_field> form{};  // the body is multipart/form-data made of these
};

struct http_response {
    status result = status::ok;  // ok: an answer came, whatever its http_status
    int http_status = 0;         // 0 without an answer
    bool maybe_written = false;  // without an answer: the server may have seen the request
    std::string_view body{};
    std::string_view code{};  // without an answer: "dns", "connect", "tls", "reset", "timeout_idle" …
    std::string_view text{};  // and one sentence
    struct_range<gw_http_header> headers{};

    [[nodiscard]] bool answered() const noexcept { return result == status::ok; }

    // The first header of this name, which is given in lower case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
        for (const gw_http_header& candidate : headers) {
            if (view(candidate.name) == name) {
                return view(candidate.value);
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] static http_response from(const gw_completion& completion) noexcept {
        const auto raw = read_struct<gw_http_response>(&completion, completion.struct_size);
        return {.result = status{raw.base.status},
                .http_status = raw.http_status,
                .maybe_written = raw.written != GW_HTTP_WRITTEN_NONE,
                .body = view(raw.body),
                .code = view(raw.code),
                .text = view(raw.text),
                .headers = struct_range<gw_http_header>(raw.headers)};
    }
};

// Headers as the ABI wants them, borrowing from `headers`.
[[nodiscard]] inline std::vector<gw_http_header> to_gw_headers(const std::vector<http_header>& headers) {
    std::vector<gw_http_header> result;
    result.reserve(headers.size());
    for (const http_header& header : headers) {
        result.push_back({sizeof(gw_http_header), 0, to_gw(header.name), to_gw(header.value)});
    }
    return result;
}

[[nodiscard]] inline std::vector<gw_http_field> to_gw_fields(const std::vector<http_field>& form) {
    std::vector<gw_http_field> result;
    result.reserve(form.size());
    for (const http_field& field : form) {
        result.push_back({sizeof(gw_http_field), 0, to_gw(field.name), to_gw_bytes(field.value), to_gw(field.path),
                          to_gw(field.file_name), to_gw(field.content_type)});
    }
    return result;
}

template <typename Struct>
[[nodiscard]] gw_array to_gw_array(const std::vector<Struct>& items) noexcept {
    return {items.data(), static_cast<std::uint32_t>(items.size()), sizeof(Struct)};
}

}  // namespace gateway::sdk
