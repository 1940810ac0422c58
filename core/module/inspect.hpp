// What an opened module file says about itself, and whether this host can use it. Executes nothing; any thread.
#pragma once

#include "module/manifest.hpp"
#include "module/refusal.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace gateway::module {

// `path` is only for sentences.
[[nodiscard]] boost::system::result<manifest_ptr, refusal> read_manifest(int fd, std::uint64_t size,
                                                                         const std::filesystem::path& path);

// The ABI's version and the required extensions.
[[nodiscard]] std::optional<refusal> check_fit(const manifest& description, const std::filesystem::path& path,
                                               const std::set<std::string, std::less<>>& host_extensions);

}  // namespace gateway::module
