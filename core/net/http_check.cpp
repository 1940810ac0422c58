#include "net/http_check.hpp"

#include <algorithm>
#include <string_view>

namespace gateway::net {

namespace {

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) noexcept {
    constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [punctuation](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               punctuation.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string complaint_about_body(const http_request& request) {
    const int bodies =
        (request.body.empty() ? 0 : 1) + (request.body_file.empty() ? 0 : 1) + (request.form.empty() ? 0 : 1);
    if (bodies > 1) {
        return "only one of body, body_file and form may be set";
    }
    if (bodies != 0 && (request.method == "GET" || request.method == "HEAD")) {
        return request.method + " takes no body";
    }
    if (request.form.size() > http_request::max_parts) {
        return "a form has at most " + std::to_string(http_request::max_parts) + " parts";
    }
    for (const http_part& part : request.form) {
        if (part.name.empty() || !is_field_value(part.name) || !is_field_value(part.file_name) ||
            !is_field_value(part.content_type)) {
            return "a form part needs a name, and no line end in its names and type";
        }
        if (!part.data.empty() && !part.file.empty()) {
            return "a form part has either data or a file";
        }
    }
    return {};
}

std::string complaint_about_times(const http_timeouts& timeouts) {
    using namespace std::chrono_literals;
    for (const auto value : {timeouts.connect, timeouts.idle, timeouts.total}) {
        if (value <= 0ms || value > http_request::max_timeout) {
            return "each timeout must be above zero and at most 24 h";
        }
    }
    return {};
}

std::string complaint_about_url(const http_request& request, url_parts& ret_url) {
    if (request.url.size() > http_request::max_url_bytes) {
        return "the URL is longer than " + std::to_string(http_request::max_url_bytes) + " bytes";
    }
    auto parts = parse_url(request.url);
    if (!parts) {
        return parts.error();
    }
    if (parts->scheme != "http" && parts->scheme != "https") {
        return "the URL's scheme must be http or https, not " + parts->scheme;
    }
    if (request.version == http_version::http2 && parts->scheme != "https") {
        return "HTTP/2 is negotiated over https only; use http2_prior_knowledge for http";
    }
    ret_url = std::move(*parts);
    return {};
}

std::string complaint_about(const http_request& request, const std::string& default_proxy, url_parts& ret_url) {
    if (!is_token(request.method) || request.method.size() > 32) {
        return "the method is no HTTP token of at most 32 characters";
    }
    if (request.method == "CONNECT" || request.method == "TRACE") {
        return request.method + " cannot be sent";
    }
    if (auto text = complaint_about_url(request, ret_url); !text.empty()) {
        return text;
    }
    if (auto text =
            complaint_about_headers(request.headers, http_request::max_headers, http_request::max_request_header_bytes);
        !text.empty()) {
        return text;
    }
    for (const http_header& header : request.headers) {
        for (const std::string_view reserved : {"content-length", "transfer-encoding", "connection", "expect"}) {
            if (is_same_name(header.name, reserved)) {
                return "the header " + std::string{reserved} + " is set by the host";
            }
        }
        if (!request.form.empty() && is_same_name(header.name, "content-type")) {
            return "the header content-type is set by the form";
        }
    }
    if (auto text = complaint_about_body(request); !text.empty()) {
        return text;
    }
    if (auto text = complaint_about_times(request.timeouts); !text.empty()) {
        return text;
    }
    const std::string& proxy = request.proxy ? *request.proxy : default_proxy;
    return proxy.empty() ? std::string{} : complaint_about_proxy(proxy);
}

}  // namespace

std::string complaint_about_headers(const std::vector<http_header>& headers, std::size_t max_count,
                                    std::size_t max_bytes) {
    if (headers.size() > max_count) {
        return "more than " + std::to_string(max_count) + " headers";
    }
    std::size_t bytes = 0;
    for (const http_header& header : headers) {
        if (!is_token(header.name)) {
            return "a header's name is no HTTP token";
        }
        if (!is_field_value(header.value)) {
            return "the value of the header " + header.name + " contains a line end or a zero byte";
        }
        bytes += header.name.size() + header.value.size() + 4;
    }
    return bytes > max_bytes ? "more than " + std::to_string(max_bytes) + " bytes of headers" : std::string{};
}

std::optional<failure> check_request(const http_request& request, const std::string& default_proxy,
                                     url_parts& ret_url) {
    std::string text = complaint_about(request, default_proxy, ret_url);
    if (text.empty()) {
        return std::nullopt;
    }
    failure refused;
    refused.kind = failure_kind::bad_request;
    refused.text = std::move(text);
    return refused;
}

}  // namespace gateway::net
