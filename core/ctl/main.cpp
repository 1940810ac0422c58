// gatewayctl: shows and steers a running gateway-host over its control socket.

#include "ctl/client.hpp"
#include "ctl/table.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

namespace json = boost::json;

// What the host said about a refused request, or the answer as it is.
std::string error_of(const std::string& body) {
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    if (!error && parsed.is_object()) {
        if (const auto* sentence = parsed.get_object().if_contains("error");
            sentence != nullptr && sentence->is_string()) {
            return std::string(sentence->get_string().c_str());
        }
    }
    return body;
}

int print_status(const std::string& body) {
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    if (error || !parsed.is_array()) {
        std::cerr << "gatewayctl: the host's answer is no list of adapters\n";
        return exit_failure;
    }
    if (parsed.get_array().empty()) {
        std::cout << "no instances are configured\n";
        return EXIT_SUCCESS;
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::cout << gateway::ctl::status_table(parsed.get_array(), now.count());
    return EXIT_SUCCESS;
}

// The line below the table: how the host is doing as a whole.
int print_health(const std::string& body) {
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    const auto* summary = error || !parsed.is_object() ? nullptr : parsed.get_object().if_contains("summary");
    if (summary == nullptr || !summary->is_string()) {
        std::cerr << "gatewayctl: the host's answer says nothing about its health\n";
        return exit_failure;
    }
    std::cout << '\n' << summary->get_string().c_str() << '\n';
    return EXIT_SUCCESS;
}

// The answer's body; nothing, and the reason on standard error, when there is none.
std::optional<std::string> ask(const std::string& socket, const char* method, const std::string& target) {
    const auto answer = gateway::ctl::ask(socket, method, target);
    if (answer.has_error()) {
        std::cerr << "gatewayctl: " << answer.error() << '\n';
        return std::nullopt;
    }
    if ((*answer).status != 200) {
        std::cerr << "gatewayctl: " << error_of((*answer).body) << '\n';
        return std::nullopt;
    }
    return (*answer).body;
}

}  // namespace

int main(int argc, char** argv) {
    std::string socket = "/var/lib/gateway/control.sock";
    std::string name;
    bool as_json = false;
    CLI::App cli{"Shows and steers a running gateway-host."};
    cli.add_option("--socket", socket, "The host's control socket")->capture_default_str();
    cli.require_subcommand(1);
    cli.footer("Exit codes: 0 done, 1 the host cannot be asked or refuses (the reason is on standard error), 2 usage.");
    auto* status =
        cli.add_subcommand("status", "Shows every instance: state, since when, attempts, next retry, reason");
    status->add_flag("--json", as_json, "As JSON, for programs");
    const auto verb = [&](const char* word, const char* what) {
        auto* command = cli.add_subcommand(word, what);
        command->add_option("NAME", name, "The instance, as in [adapters.NAME]")->required();
        command->add_flag("--json", as_json, "As JSON, for programs");
        return command;
    };
    verb("reconnect", "Reconnects an instance now; revives one that failed or gave up");
    verb("pause", "Disconnects an instance and keeps it away until it is resumed or the host restarts");
    verb("resume", "Lets a paused instance connect again");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? EXIT_SUCCESS : exit_usage;
    }

    const bool asks_status = status->parsed();
    const auto word = cli.get_subcommands().front()->get_name();
    const auto answer = asks_status
                            ? ask(socket, "GET", "/v1/adapters")
                            : ask(socket, "POST", "/v1/adapters/" + gateway::ctl::percent_encoded(name) + "/" + word);
    if (!answer) {
        return exit_failure;
    }
    if (as_json) {
        std::cout << *answer;
        return EXIT_SUCCESS;
    }
    if (!asks_status) {
        return print_status("[" + *answer + "]");
    }
    const auto health = ask(socket, "GET", "/v1/health");
    if (!health) {
        return exit_failure;
    }
    const int printed = print_status(*answer);
    return printed == EXIT_SUCCESS ? print_health(*health) : printed;
}
