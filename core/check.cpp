#include "check.hpp"

#include "config/config.hpp"
#include "config/schema.hpp"
#include "instance/host_api.hpp"
#include "module/catalogue.hpp"
#include "reconnect/scheduler.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>
#include <string>
#include <system_error>
#include <vector>

namespace gateway {
namespace {

// A catalogue makes its private copies under a directory of its own; a check makes none, and must not touch those of a
// host that runs.
class scratch_directory {
public:
    scratch_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gateway-check-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) {
            path_ = pattern;
        }
    }
    ~scratch_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

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
        const scratch_directory scratch;
        module::catalogue modules(
            {std::filesystem::absolute(chosen.plugins_dir), scratch.path(), instance::host_api::extensions()});
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
