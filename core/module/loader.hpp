// Loads a private copy into this process and checks what it exports before any function of it is called.
//
// Loading runs the constructors of the module and of the libraries it is linked with; nothing else of it runs here.
// What was loaded is never unloaded, also when it is then refused: threads or registered callbacks of it may live on.
// Loop thread.
#pragma once

#include "module/manifest.hpp"
#include "module/refusal.hpp"

#include <gateway/adapter.h>

#include <boost/system/result.hpp>

#include <filesystem>

namespace gateway::module {

// `source` is the file that the copy was made of: the one that sentences name.
[[nodiscard]] boost::system::result<const gw_adapter*, refusal> load_copy(const std::filesystem::path& copy,
                                                                          const std::filesystem::path& source,
                                                                          const manifest& description);

}  // namespace gateway::module
