#include "instance/table_check.hpp"

#include "log/log.hpp"
#include "log/secrets.hpp"

#include <boost/json/serialize.hpp>

#include <ranges>
#include <utility>

namespace gateway::instance {

std::optional<std::string> table_check::complaint_about(const config::adapter_config& table,
                                                        const module::loaded_module& from, const std::string& file) {
    const auto& name = from.description->name;
    auto known = schemas_.find(name);
    if (known == schemas_.end()) {
        auto parsed = config::schema::parse(boost::json::serialize(from.description->config_schema));
        if (parsed.has_error()) {
            return "the configuration schema of module " + name + " " + parsed.error().text;
        }
        known = schemas_.emplace(name, std::move(*parsed)).first;
    }
    const auto found = config::validate_instance(table, known->second, file, log::secrets());
    return found.empty() ? std::nullopt : std::optional(told(table.name, found));
}

std::string table_check::told(std::string_view instance, const std::vector<config::complaint>& mistakes) {
    for (const auto& each : mistakes | std::views::drop(1)) {
        log::error("the configuration is wrong", {{"instance", instance}, {"where", config::to_string(each)}});
    }
    const auto others = mistakes.size() - 1;
    return config::to_string(mistakes.front()) +
           (others == 0 ? "" : " (and " + std::to_string(others) + " more; gateway-host --check names all)");
}

}  // namespace gateway::instance
