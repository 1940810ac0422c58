#include "check.hpp"

#include "config/config.hpp"
#include "config/schema.hpp"
#include "instance/host_api.hpp"
#include "module/catalogue.hpp"
#include "reconnect/scheduler.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>
#include <string>

namespace gateway {
namespace {

// What is wrong with the module that an instance asks for; empty when it can be used.
std::string module_problem(const std::string& plugin, const module::catalogue& modules) {
    std::string text = "no module of " + modules.settings().plugins_dir.string() + " is called '" + plugin + "'" +
                       config::suggestion(plugin, modules.names());
    for (const auto& refused : modules.refusals()) {
        text += "; " + refused.sentence;
    }
    return text;
}

void check_instance(const config::configuration& in, const config::adapter_config& instance,
                    const module::catalogue& modules, config::complaints& ret_found) {
    const auto key = config::join_key(config::join_key("adapters", instance.name), "plugin");
    const bool plugin_is_wrong =
        std::ranges::find(instance.mistakes, key, &config::complaint::key) != instance.mistakes.end();
    const auto description = plugin_is_wrong ? nullptr : modules.describe(instance.plugin);
    if (description == nullptr) {
        ret_found.add(instance.mistakes);
        if (!plugin_is_wrong) {
            ret_found.add(instance.plugin_at, key, module_problem(instance.plugin, modules));
        }
        return;
    }
    const auto schema = config::schema::parse(boost::json::serialize(description->config_schema));
    if (schema.has_error()) {
        ret_found.add(instance.mistakes);
        ret_found.add(instance.plugin_at, key, "names a module whose configuration schema " + schema.error().text);
        return;
    }
    ret_found.add(config::validate_instance(instance, *schema, in.file, log::secrets()));
}

}  // namespace

int check_configuration(const options& chosen) {
    const auto when_absent = chosen.config_given ? config::absence::is_an_error : config::absence::is_empty;
    const auto [values, refusals] =
        config::load_file(chosen.config_file, when_absent, config::environment::of_process());
    config::complaints found{values.file};
    config::complaints warnings{values.file};
    found.add(refusals);
    warnings.add(values.warnings);
    // Nothing is loaded, so nothing is copied: the state directory is not touched.
    module::catalogue modules(
        {std::filesystem::absolute(chosen.plugins_dir), chosen.state_dir, instance::host_api::extensions()});
    (void)modules.scan();
    for (const auto& each : values.adapters) {
        check_instance(values, each, modules, each.enabled ? found : warnings);  // a disabled one harms nobody
    }
    for (const auto& each : warnings.take()) {
        std::cerr << "warning: " << log::redact(config::to_string(each)) << '\n';
    }
    if (!found.empty()) {
        for (const auto& each : found.take()) {
            std::cerr << log::redact(config::to_string(each)) << '\n';
        }
        return reconnect::exit_configuration;
    }
    std::cout << chosen.config_file.string() << ": no mistake found\n";
    return 0;
}

}  // namespace gateway
