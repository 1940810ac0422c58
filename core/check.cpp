#include "check.hpp"

#include "config/config.hpp"
#include "config/schema.hpp"
#include "instance/host_api.hpp"
#include "module/catalogue.hpp"
#include "reconnect/scheduler.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace gateway {
namespace {

config::complaint about(const config::configuration& in, const config::adapter_config& instance, const char* key,
                        std::string text) {
    const auto place = instance.places.find("");
    return {in.file, place == instance.places.end() ? config::position{} : place->second.key,
            "adapters." + instance.name + key, std::move(text)};
}

void check_instance(const config::configuration& in, const config::adapter_config& instance,
                    const module::catalogue& modules, std::vector<config::complaint>& ret_found) {
    const auto description = modules.describe(instance.plugin);
    if (description == nullptr) {
        std::string text = "no module of " + modules.settings().plugins_dir.string() + " is called '" +
                           instance.plugin + "'" + config::suggestion(instance.plugin, modules.names());
        for (const auto& refused : modules.refusals()) {
            text += "; " + refused.sentence;
        }
        ret_found.push_back(about(in, instance, ".plugin", std::move(text)));
        return;
    }
    const auto schema = config::schema::parse(boost::json::serialize(description->config_schema));
    if (schema.has_error()) {
        ret_found.push_back(
            about(in, instance, ".plugin", "the schema of module " + instance.plugin + " " + schema.error().text));
        return;
    }
    const auto found = config::validate_instance(instance, *schema, in.file, log::secrets());
    ret_found.insert(ret_found.end(), found.begin(), found.end());
}

}  // namespace

int check_configuration(const options& chosen) {
    const auto when_absent = chosen.config_given ? config::absence::is_an_error : config::absence::is_empty;
    const auto loaded = config::load_file(chosen.config_file, when_absent, config::environment::of_process());
    std::vector<config::complaint> found;
    std::vector<config::complaint> warnings;
    if (loaded.has_error()) {
        found = loaded.error();
    } else {
        warnings = (*loaded).warnings;
        // Nothing is loaded, so nothing is copied: the state directory is not touched.
        module::catalogue modules(
            {std::filesystem::absolute(chosen.plugins_dir), chosen.state_dir, instance::host_api::extensions()});
        (void)modules.scan();
        for (const auto& each : (*loaded).adapters) {
            if (each.enabled) {
                check_instance(*loaded, each, modules, found);
            }
        }
    }
    for (const auto& each : warnings) {
        std::cerr << "warning: " << log::redact(config::to_string(each)) << '\n';
    }
    for (const auto& each : found) {
        std::cerr << log::redact(config::to_string(each)) << '\n';
    }
    if (!found.empty()) {
        return reconnect::exit_configuration;
    }
    std::cout << chosen.config_file.string() << ": no mistake found\n";
    return 0;
}

}  // namespace gateway
