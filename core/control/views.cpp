#include "control/views.hpp"

#include <gateway/message.h>

#include <fmt/format.h>

#include <chrono>
#include <string_view>

namespace gateway::control {
namespace {

namespace json = boost::json;

std::string_view chat_kind(std::int32_t kind) {
    switch (kind) {
        case GW_CHAT_PRIVATE:
            return "private";
        case GW_CHAT_GROUP:
            return "group";
        case GW_CHAT_CHANNEL:
            return "channel";
        default:
            return "unknown";
    }
}

}  // namespace

std::string rfc3339(std::int64_t unix_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds{unix_ms}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

json::object view(const instance::instance_status& of) {
    json::object shown;
    shown["name"] = of.name;
    shown["plugin"] = of.plugin;
    shown["version"] = of.version;
    shown["generation"] = of.generation;
    shown["state"] = reconnect::to_string(of.state);
    shown["since"] = rfc3339(of.since_ms);
    shown["attempts"] = of.attempts;
    shown["next_retry_ms"] = of.next_retry ? json::value(of.next_retry->count()) : json::value(nullptr);
    if (of.failure) {
        shown["failure"] = json::object{
            {"class", reconnect::to_string(of.failure->cls)}, {"code", of.failure->code}, {"text", of.failure->text}};
    } else {
        shown["failure"] = nullptr;
    }
    shown["incarnation"] = of.incarnation;
    shown["account"] = json::object{{"id", of.account.id}, {"name", of.account.name}};
    shown["pending"] = of.pending;
    return shown;
}

json::array view(const std::vector<instance::instance_status>& all) {
    json::array shown;
    for (const auto& each : all) {
        shown.push_back(view(each));
    }
    return shown;
}

json::object view(const instance::fleet_health& of) {
    json::object instances;
    for (std::size_t i = 0; i < of.in_state.size(); ++i) {
        if (const auto state = static_cast<reconnect::state>(i); state != reconnect::state::absent) {
            instances[reconnect::to_string(state)] = of.in_state[i];
        }
    }
    return {{"health", instance::to_string(of.overall())},
            {"summary", of.sentence()},
            {"troubled", of.troubled},
            {"mended", of.mended},
            {"journal", of.journal_trouble.empty() ? json::value(nullptr) : json::value(of.journal_trouble)},
            {"instances", std::move(instances)}};
}

json::object view(const module::catalogue& modules) {
    json::array usable;
    for (const auto& name : modules.names()) {
        const auto* loaded = modules.find(name);
        const auto description = modules.describe(name);
        usable.push_back(json::object{{"name", name},
                                      {"version", description ? description->version : std::string{}},
                                      {"description", description ? description->description : std::string{}},
                                      {"loaded", loaded != nullptr},
                                      {"generation", loaded != nullptr ? loaded->generation : 0U}});
    }
    json::array refused;
    for (const auto& each : modules.refusals()) {
        refused.push_back(
            json::object{{"file", each.path}, {"code", module::to_string(each.code)}, {"reason", each.sentence}});
    }
    return {{"modules", std::move(usable)}, {"refused", std::move(refused)}};
}

json::array view(const std::vector<route::directory_entry>& chats) {
    json::array shown;
    for (const auto& each : chats) {
        shown.push_back(json::object{{"address", each.address},
                                     {"kind", chat_kind(each.kind)},
                                     {"title", each.title},
                                     {"seen", rfc3339(each.seen_ms)}});
    }
    return shown;
}

json::object view(const route::counters& count) {
    return {{"events",
             {{"in", count.in},
              {"duplicates", count.duplicates},
              {"own", count.own},
              {"routed", count.routed},
              {"unroutable", count.unroutable},
              {"refused", count.refused},
              {"directory", count.directory},
              {"failed_commits", count.failed_commits},
              {"uncommitted", count.uncommitted}}},
            {"deliveries",
             {{"out", count.out},
              {"found", count.found},
              {"sent", count.sent},
              {"failed", count.failed},
              {"unknown", count.unknown},
              {"left", count.left},
              {"pending", count.pending},
              {"handed", count.handed},
              {"repeated", count.repeated}}}};
}

}  // namespace gateway::control
