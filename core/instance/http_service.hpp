// HTTP for instances: the ABI's requests turned into core/net's, and answers back.
//
// Loop thread. Bounds are those of gateway/ext/http.h. A request that can never be sent is refused at once, with a
// complaint; a file that cannot be read is a completion, as all that the outside does.
#pragma once

#include "instance/abi_read.hpp"
#include "instance/call.hpp"
#include "instance/record.hpp"

#include <gateway/gateway.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace gateway::instance {

class instance_host;

// Copies the ABI's headers; the status of the first that cannot be used.
gw_status copy_headers(const gw_array& from, std::vector<net::http_header>& ret_headers);

// The ABI's status and short code of a network failure.
gw_status status_of(const net::failure& why);
std::string_view code_of(const net::failure& why);

class http_service {
public:
    static constexpr std::size_t max_requests = 64;  // pending, of one instance
    static constexpr std::uint64_t max_url_bytes = 8192;
    static constexpr std::uint64_t max_body_bytes = std::uint64_t{16} << 20U;
    static constexpr std::uint64_t max_file_bytes = std::uint64_t{4} << 30U;

    explicit http_service(instance_host& host) : host_(host) {}

    gw_status start(key from, record& of, const gw_http_request& request);
    void cancel(const operation& pending);
    void drop(key of, const record& in);

    // Calls `use` with the ABI's form of an outcome, which borrows from it.
    template <typename Use>
    void with_response(const http_call& what, Use use) const {
        gw_http_response response{};
        response.base = {sizeof(gw_http_response), GW_COMPLETION_HTTP, what.op, GW_OK, 0};
        response.written = GW_HTTP_WRITTEN_MAYBE;
        std::vector<gw_http_header> headers;
        const net::failure why = what.outcome->error();  // a copy, which `response` borrows from; empty for a success
        if (what.outcome->has_value()) {
            const auto& answer = **what.outcome;
            headers.reserve(answer.headers.size());
            for (const auto& each : answer.headers) {
                headers.push_back({sizeof(gw_http_header), 0, borrow(each.name), borrow(each.value)});
            }
            response.http_status = answer.status;
            response.headers = {headers.data(), static_cast<std::uint32_t>(headers.size()), sizeof(gw_http_header)};
            response.body = borrow_bytes(answer.body);
        } else {
            response.base.status = status_of(why);
            response.written = why.written == net::request_written::none ? GW_HTTP_WRITTEN_NONE : GW_HTTP_WRITTEN_MAYBE;
            response.code = borrow(code_of(why));
            response.text = borrow(why.text);
        }
        use(response);
    }

private:
    instance_host& host_;
};

}  // namespace gateway::instance
