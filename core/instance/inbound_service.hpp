// Inbound HTTP for instances: whose a path is, who may ask there, and the requests that wait for an instance's answer.
//
// Loop thread. Bounds are those of gateway/ext/inbound.h; connections, headers and deadlines are net/http_server.hpp's.
// A request lives here until it is answered or over, and with it its body: only its number waits in the queue of calls,
// and one that is over by the time its turn comes is never told.
#pragma once

#include "instance/abi_read.hpp"
#include "instance/call.hpp"
#include "instance/record.hpp"
#include "net/http_server.hpp"

#include <gateway/gateway.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gateway::instance {

class instance_host;

class inbound_service final : public net::http_server_handler {
public:
    static constexpr std::size_t max_routes = 8;    // of one instance
    static constexpr std::size_t max_waiting = 32;  // requests, likewise
    static constexpr std::size_t max_path_bytes = 1024;
    static constexpr std::size_t max_secret_bytes = 1024;
    static constexpr std::size_t default_body_bytes = std::size_t{1} << 20U;
    static constexpr std::size_t max_body_bytes = std::size_t{16} << 20U;
    static constexpr std::size_t max_answer_bytes = std::size_t{1} << 20U;
    static constexpr std::chrono::milliseconds default_respond_timeout{30'000};

    explicit inbound_service(instance_host& host) : host_(host) {}
    virtual ~inbound_service() = default;
    inbound_service(const inbound_service&) = delete;
    inbound_service& operator=(const inbound_service&) = delete;

    gw_status listen(key from, record& of, const gw_inbound_route& wanted);
    gw_status respond(key from, record& of, const gw_inbound_response& response);
    void cancel(key from, const operation& pending);
    void drop(key of, const record& in);

    // Calls `use` with the ABI's form of what is to be told, which borrows; not at all when the request is over.
    template <typename Use>
    void with_request(const inbound_call& what, Use use) {
        gw_inbound_request told{};
        told.base = {sizeof(gw_inbound_request), GW_COMPLETION_INBOUND, what.op, what.status, 0};
        if (what.request == 0) {
            told.text = borrow("listening was cancelled");
            use(told);
            return;
        }
        const auto found = waiting_.find(what.request);
        if (found == waiting_.end()) {
            return;
        }
        found->second.told = true;
        const auto request = std::move(found->second.request);  // it may be answered, and so be gone, within the call
        std::vector<gw_http_header> headers;
        headers.reserve(request.headers.size());
        for (const auto& each : request.headers) {
            headers.push_back({sizeof(gw_http_header), 0, borrow(each.name), borrow(each.value)});
        }
        told.base.flags = GW_COMPLETION_MORE;
        told.request = what.request;
        told.method = borrow(request.method);
        const auto query = request.target.find('?');
        told.query = borrow(query == std::string::npos ? std::string_view{}
                                                       : std::string_view(request.target).substr(query + 1));
        told.headers = {headers.data(), static_cast<std::uint32_t>(headers.size()), sizeof(gw_http_header)};
        told.body = borrow_bytes(request.body);
        use(told);
    }

private:
    struct route {
        key of;
        std::uint64_t op = 0;
        std::uint64_t handle = 0;
        std::string secret_header;  // empty: none
        std::string secret;
        net::server_admission admits;
    };
    struct waiting {
        key of;
        std::uint64_t route = 0;  // its handle
        bool told = false;
        net::server_request request;  // until told
    };
    using route_map = std::map<std::string, route, std::less<>>;  // by path

    boost::system::result<net::server_admission, net::server_answer> on_head(const net::server_request& head) override;
    void on_request(net::server_request_id id, net::server_request&& request) override;
    void on_over(net::server_request_id id) override { waiting_.erase(id); }
    net::server_answer refusal(int status, std::string sentence) override;

    [[nodiscard]] const route* route_to(std::string_view target) const;
    void forget(std::uint64_t handle);
    void refuse_waiting(const std::function<bool(const waiting&)>& which);

    instance_host& host_;
    route_map routes_;
    std::unordered_map<std::uint64_t, route_map::iterator> by_handle_;
    std::unordered_map<net::server_request_id, waiting> waiting_;  // one a connection at most
    std::uint64_t last_handle_ = 0;
};

}  // namespace gateway::instance
