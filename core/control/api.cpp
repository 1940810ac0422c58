#include "control/api.hpp"

#include "control/views.hpp"
#include "instance/fleet.hpp"
#include "module/catalogue.hpp"
#include "route/message_plane.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace gateway::control {
namespace {

std::optional<instance::command> command_called(std::string_view verb) {
    if (verb == "reconnect") {
        return instance::command::reconnect;
    }
    if (verb == "pause") {
        return instance::command::pause;
    }
    return verb == "resume" ? std::optional(instance::command::resume) : std::nullopt;
}

// What "%2F" and the like stand for; nothing for a '%' that begins no such.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc{} || end != digits.data() + 2) {
            return std::nullopt;
        }
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

answer not_allowed(std::string_view right_method) {
    auto refused = problem(405, "this address takes " + std::string(right_method) + " only");
    refused.allow = right_method;
    return refused;
}

answer no_such_instance(std::string_view name) {
    return problem(404, "no instance is called '" + std::string(name) + "'; gatewayctl status shows those there are");
}

answer serve_adapter(const api_parts& with, std::string_view method, std::string_view rest) {
    const auto slash = rest.find('/');
    const auto decoded = percent_decoded(rest.substr(0, slash));
    if (!decoded) {
        return problem(400, "the instance's name has a '%' without two hexadecimal digits behind it");
    }
    const std::string_view name = *decoded;
    if (slash == std::string_view::npos) {
        if (method != "GET") {
            return not_allowed("GET");
        }
        const auto status = with.fleet.status_of(name);
        return status ? shown(200, view(*status)) : no_such_instance(name);
    }
    const auto verb = rest.substr(slash + 1);
    const auto command = command_called(verb);
    if (!command) {
        return problem(404, "an instance has no '" + std::string(verb) + "'; it takes reconnect, pause and resume");
    }
    if (method != "POST") {
        return not_allowed("POST");
    }
    switch (with.fleet.command_to(name, *command)) {
        case instance::command_outcome::no_such_instance:
            return no_such_instance(name);
        case instance::command_outcome::not_applicable:
            return problem(409, "instance '" + std::string(name) + "' is " +
                                    std::string(reconnect::to_string(with.fleet.status_of(name)->state)) +
                                    ", which is no state for " + std::string(verb));
        case instance::command_outcome::done:
            break;
    }
    return shown(200, view(*with.fleet.status_of(name)));
}

}  // namespace

answer serve(const api_parts& with, std::string_view method, std::string_view target) {
    constexpr std::string_view adapters = "/v1/adapters";
    target = target.substr(0, target.find('?'));
    if (target.starts_with(adapters) && target.size() > adapters.size() + 1 && target[adapters.size()] == '/') {
        return serve_adapter(with, method, target.substr(adapters.size() + 1));
    }
    if (target != adapters && target != "/v1/modules" && target != "/v1/chats" && target != "/v1/counters" &&
        target != "/v1/health") {
        return problem(
            404, "there is no such address; /v1/adapters, /v1/modules, /v1/chats, /v1/counters and /v1/health are");
    }
    if (method != "GET") {
        return not_allowed("GET");
    }
    if (target == adapters) {
        return shown(200, view(with.fleet.statuses()));
    }
    if (target == "/v1/health") {
        auto health = view(with.fleet.health());
        health["http"] = with.http.empty() ? boost::json::value(nullptr) : boost::json::value(with.http);
        return shown(200, std::move(health));
    }
    if (target == "/v1/modules") {
        return shown(200, view(with.modules));
    }
    return target == "/v1/chats" ? shown(200, view(with.plane.chats())) : shown(200, view(with.plane.count()));
}

}  // namespace gateway::control
