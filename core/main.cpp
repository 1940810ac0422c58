// gateway-host: arguments and exit code. Everything else is app.cpp's.

#include "app.hpp"
#include "check.hpp"
#include "instance/version.hpp"
#include "log/log.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <malloc.h>
#include <string>
#include <sys/stat.h>

namespace {

constexpr int exit_usage = 2;

}  // namespace

int main(int argc, char** argv) {
    // Two threads allocate: the loop and the store. More arenas only cost memory.
    ::mallopt(M_ARENA_MAX, 2);
    ::umask(S_IRWXG | S_IRWXO);

    gateway::options chosen;
    std::string level;
    std::string format;
    bool check = false;
    bool version = false;
    CLI::App cli{"Keeps chat accounts connected and moves their messages."};
    cli.add_option("--plugins-dir", chosen.plugins_dir, "Where the adapter modules are")->capture_default_str();
    const auto* config =
        cli.add_option("--config", chosen.config_file, "The configuration")
            ->capture_default_str()
            ->check([](const std::string& path) { return path.empty() ? "must be a file's path, but is empty" : ""; });
    cli.add_option("--state-dir", chosen.state_dir, "Where journal, state and control socket are")
        ->capture_default_str();
    cli.add_option("--log-level", level, "debug, info, warning, error or off")->check([](const std::string& name) {
        return gateway::log::parse_level(name) ? "" : "must be debug, info, warning, error or off";
    });
    cli.add_option("--log-format", format, "text or json")->check([](const std::string& name) {
        return gateway::log::parse_line_format(name) ? "" : "must be text or json";
    });
    cli.add_flag("--check", check, "Checks the configuration, says what is wrong, and ends with 0 or 78");
    cli.add_flag("--version", version, "Prints the version");
    cli.footer("Exit codes: 0 asked to stop, 1 failure, 2 usage, 78 configuration.");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? EXIT_SUCCESS : exit_usage;
    }
    if (version) {
        std::cout << "gateway-host " << gateway::instance::host_version << '\n';
        return EXIT_SUCCESS;
    }
    chosen.config_given = config->count() != 0;
    chosen.log_level = gateway::log::parse_level(level);
    chosen.log_format = gateway::log::parse_line_format(format);
    return check ? gateway::check_configuration(chosen) : gateway::run(chosen);
}
