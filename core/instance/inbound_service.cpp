#include "instance/inbound_service.hpp"

#include "instance/http_service.hpp"
#include "instance/instance_host.hpp"
#include "net/same_secret.hpp"

#include <algorithm>
#include <utility>

namespace gateway::instance {
namespace {

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

// What can stand in a request's first line before its '?'.
bool is_path(std::string_view text) {
    return text.starts_with('/') && text.size() <= inbound_service::max_path_bytes &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

// Null when everything is usable; otherwise what is wrong, for the log.
const char* complaint_about(const gw_inbound_route& route) {
    if (dangling(route.path) || dangling(route.secret_header) || dangling(route.secret)) {
        return "a text of a gw_inbound_route is at NULL";
    }
    if (!is_path(view(route.path))) {
        return "a gw_inbound_route's path does not begin with '/', is longer than 1 KiB, or has a '?', a '#' or "
               "something else than printable ASCII";
    }
    if (route.secret_header.size > GW_MAX_ID_BYTES || route.secret.size > inbound_service::max_secret_bytes ||
        (route.secret_header.size == 0) != (route.secret.size == 0)) {
        return "a gw_inbound_route has a secret without a header or a header without a secret, or one is too long";
    }
    constexpr std::int64_t longest_ms = std::chrono::milliseconds(net::http_request::max_timeout).count();
    if (route.max_body_bytes < 0 || route.respond_timeout_ms < 0 || route.respond_timeout_ms > longest_ms) {
        return "a gw_inbound_route's limit or timeout is negative, or longer than 24 h";
    }
    return nullptr;
}

// Exactly once, and right.
bool is_admitted(const std::vector<net::http_header>& headers, std::string_view name, std::string_view secret) {
    const auto presented =
        std::ranges::find_if(headers, [&](const net::http_header& each) { return net::is_same_name(each.name, name); });
    return presented != headers.end() && net::is_same_secret(presented->value, secret) &&
           std::none_of(std::next(presented), headers.end(),
                        [&](const net::http_header& each) { return net::is_same_name(each.name, name); });
}

}  // namespace

gw_status inbound_service::listen(key from, record& of, const gw_inbound_route& wanted) {
    if (const auto status = host_.start_operation(of, wanted.op); status != GW_OK) {
        return status;
    }
    if (const char* wrong = complaint_about(wanted); wrong != nullptr) {
        host_.complain(of, wrong);
        return GW_ERR_INVALID;
    }
    if (host_.with().inbound == nullptr || !host_.with().inbound->is_open()) {
        return GW_ERR_UNSUPPORTED;
    }
    if (of.count(operation_kind::inbound) >= max_routes) {
        return GW_ERR_LIMIT;
    }
    const auto body_bytes = wanted.max_body_bytes == 0
                                ? default_body_bytes
                                : std::min(max_body_bytes, static_cast<std::size_t>(wanted.max_body_bytes));
    const auto respond_within =
        wanted.respond_timeout_ms == 0 ? default_respond_timeout : std::chrono::milliseconds(wanted.respond_timeout_ms);
    const auto [at, added] = routes_.try_emplace(std::string(view(wanted.path)));
    if (!added) {
        return GW_ERR_DUPLICATE;
    }
    at->second = {from,
                  wanted.op,
                  ++last_handle_,
                  std::string(view(wanted.secret_header)),
                  std::string(view(wanted.secret)),
                  {body_bytes, respond_within}};
    by_handle_.emplace(last_handle_, at);
    of.operations.push_back({wanted.op, last_handle_, operation_kind::inbound});
    return GW_OK;
}

gw_status inbound_service::respond(key from, record& of, const gw_inbound_response& response) {
    const auto found = waiting_.find(response.request);
    if (found == waiting_.end() || found->second.of != from || !found->second.told) {
        return GW_ERR_NOT_FOUND;
    }
    net::server_answer answer;
    answer.status = response.http_status;
    if (response.body.size > max_answer_bytes || (response.body.data == nullptr && response.body.size != 0) ||
        copy_headers(response.headers, answer.headers) != GW_OK) {
        host_.complain(of, "an answer's body is larger than 1 MiB or at NULL, or its headers cannot be used");
        return GW_ERR_INVALID;
    }
    answer.body.assign(view(response.body));
    if (const auto wrong = net::complaint_about_answer(answer); !wrong.empty()) {
        host_.complain(of, wrong);
        return GW_ERR_INVALID;
    }
    waiting_.erase(found);
    return host_.with().inbound->answer(response.request, std::move(answer)) ? GW_OK : GW_ERR_NOT_FOUND;
}

// Who was told of a request may still answer it.
void inbound_service::cancel(key from, const operation& pending) {
    const auto op = pending.op;
    const auto handle = pending.handle;
    forget(handle);
    refuse_waiting([&](const waiting& each) { return each.route == handle && !each.told; });
    host_.complete(from, op, inbound_call{op, GW_ERR_CANCELLED, 0});
}

void inbound_service::drop(key of, const record& in) {
    for (const auto& pending : in.operations) {
        if (pending.kind == operation_kind::inbound && !pending.completing) {
            forget(pending.handle);
        }
    }
    refuse_waiting([&](const waiting& each) { return each.of == of; });
}

boost::system::result<net::server_admission, net::server_answer> inbound_service::on_head(
    const net::server_request& head) {
    const auto* to = route_to(head.target);
    if (to == nullptr) {
        return refusal(404, "nothing is listening on this path");
    }
    if (!to->secret_header.empty() && !is_admitted(head.headers, to->secret_header, to->secret)) {
        return refusal(401, "the secret is missing or wrong");
    }
    return to->admits;
}

void inbound_service::on_request(net::server_request_id id, net::server_request&& request) {
    const auto* to = route_to(request.target);
    if (to == nullptr) {
        host_.with().inbound->answer(id, refusal(503, "nothing is listening on this path any more"));
        return;
    }
    // Whoever listens now may not be who admitted it.
    if (!to->secret_header.empty() && !is_admitted(request.headers, to->secret_header, to->secret)) {
        host_.with().inbound->answer(id, refusal(401, "the secret is missing or wrong"));
        return;
    }
    const auto is_theirs = [&](const auto& each) { return each.second.of == to->of; };
    if (static_cast<std::size_t>(std::ranges::count_if(waiting_, is_theirs)) >= max_waiting) {
        host_.with().inbound->answer(id, refusal(503, "too many requests wait for an answer; try again later"));
        return;
    }
    std::erase_if(request.headers, [&](const auto& each) { return net::is_same_name(each.name, to->secret_header); });
    waiting_.emplace(id, waiting{to->of, to->handle, false, std::move(request)});
    host_.push(to->of, inbound_call{to->op, GW_OK, id});
}

net::server_answer inbound_service::refusal(int status, std::string sentence) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(sentence) + "\n"};
}

const inbound_service::route* inbound_service::route_to(std::string_view target) const {
    const auto found = routes_.find(path_of(target));
    return found == routes_.end() ? nullptr : &found->second;
}

void inbound_service::forget(std::uint64_t handle) {
    const auto found = by_handle_.find(handle);
    routes_.erase(found->second);
    by_handle_.erase(found);
}

void inbound_service::refuse_waiting(const std::function<bool(const waiting&)>& which) {
    std::vector<net::server_request_id> refused;
    for (const auto& [id, each] : waiting_) {
        if (which(each)) {
            refused.push_back(id);
        }
    }
    for (const auto id : refused) {
        waiting_.erase(id);
        host_.with().inbound->answer(id, refusal(503, "who listened on this path has stopped"));
    }
}

}  // namespace gateway::instance
