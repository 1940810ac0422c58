#include "config/environment.hpp"

#include "config/file.hpp"
#include "log/utf8.hpp"

#include <algorithm>
#include <cstdlib>

namespace gateway::config {
namespace {

using secret_or_mistake = boost::system::result<secret, mistake>;

secret_or_mistake from_variable(const std::string& name, const environment& environment) {
    if (name.empty() || name.find_first_of(std::string_view{"=\0", 2}) != std::string::npos) {
        return mistake{"names no environment variable"};
    }
    auto value = environment.variable(name);
    if (!value) {
        return mistake{"wants the environment variable " + name +
                       ", which is not set; set it where the host is started"};
    }
    if (value->empty()) {
        return mistake{"wants the environment variable " + name + ", which is empty"};
    }
    return secret{std::move(*value), {}};
}

secret_or_mistake from_file(const std::filesystem::path& path, std::string_view what) {
    auto read = read_file(path, max_secret_bytes);
    const std::string name = std::string{what} + " " + path.string();
    if (!read) {
        return mistake{"wants " + name + ", which " + read.error().text};
    }
    std::string& text = read->text;
    text.erase(std::find_if(text.rbegin(), text.rend(), [](char c) { return c != '\n' && c != '\r'; }).base(),
               text.end());
    if (text.empty()) {
        return mistake{"wants " + name + ", which is empty"};
    }
    secret result{std::move(text), {}};
    if (read->readable_by_all) {
        result.warning = "comes from " + name + ", which every user of this machine may read; chmod 600 would be right";
    }
    return result;
}

secret_or_mistake from_credential(const std::string& name, const environment& environment) {
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view{"/\0", 2}) != std::string::npos) {
        return mistake{"names no credential; a name is what stands before the ':' in LoadCredential="};
    }
    const auto folder = environment.variable("CREDENTIALS_DIRECTORY");
    if (!folder || folder->empty()) {
        return mistake{"wants the credential " + name +
                       ", but systemd passed none; the unit needs LoadCredential=" + name + ":PATH"};
    }
    return from_file(std::filesystem::path{*folder} / name, "the credential");
}

}  // namespace

environment environment::of_process() {
    return {[](const std::string& name) -> std::optional<std::string> {
                const char* value = std::getenv(name.c_str());
                return value == nullptr ? std::nullopt : std::optional<std::string>{value};
            },
            &log::secrets()};
}

secret_or_mistake resolve_secret(secret_source source, const std::string& name, const std::filesystem::path& folder,
                                 const environment& environment) {
    secret_or_mistake result = mistake{};
    switch (source) {
        case secret_source::env:
            result = from_variable(name, environment);
            break;
        case secret_source::file:
            if (name.empty() || name.find('\0') != std::string::npos) {
                return mistake{"names no file"};
            }
            result = from_file(folder / name, "the file");
            break;
        case secret_source::credential:
            result = from_credential(name, environment);
            break;
    }
    if (!result) {
        return result;
    }
    if (result->value.size() > max_secret_bytes) {
        return mistake{"wants a secret of more than " + std::to_string(max_secret_bytes) + " bytes"};
    }
    if (log::invalid_utf8_at(result->value) != std::string::npos || result->value.find('\0') != std::string::npos) {
        return mistake{"wants a secret that is not text; it must be UTF-8 without NUL bytes"};
    }
    if (!environment.secrets->add(result->value) && result->warning.empty()) {
        result->warning = "is so short a secret that it cannot be kept out of logs; it should have 4 bytes or more";
    }
    return result;
}

}  // namespace gateway::config
