// Where the configuration's secrets come from: environment variables, files, systemd's credentials.
//
// { env = "NAME" } | { file = "PATH" } | { credential = "NAME" } may stand wherever an adapter takes a text. Each is
// resolved while the configuration is loaded, and the value is registered with the redactor before anybody else sees
// it.
//
// Blocking. A secret is at most 64 KiB of UTF-8; newlines at its end are dropped. Only regular files are read.
#pragma once

#include "config/complaint.hpp"
#include "log/secrets.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::config {

inline constexpr std::size_t max_secret_bytes = 65'536;

struct environment {
    // The value of an environment variable, also of CREDENTIALS_DIRECTORY.
    std::function<std::optional<std::string>(const std::string& name)> variable;
    log::secret_registry* secrets = nullptr;  // not owned; every resolved value goes here

    // This process's, with the registry that the log uses.
    static environment of_process();
};

enum class secret_source : std::uint8_t { env, file, credential };

struct secret {
    std::string value;
    std::string warning;  // the end of a sentence whose subject is the key; empty when all is well
};

// Reads and registers a secret. The mistake names the variable or the file, never the value. Relative paths start at
// `folder`.
boost::system::result<secret, mistake> resolve_secret(secret_source source, const std::string& name,
                                                      const std::filesystem::path& folder,
                                                      const environment& environment);

}  // namespace gateway::config
