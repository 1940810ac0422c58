// A module's configuration schema (JSON Schema draft 7, from its manifest), and what it says about an instance's table.
//
// Beside draft 7: `"format": "duration"` is a text such as "30s" (config/duration.hpp); `"writeOnly": true` marks a
// secret. References stay inside the document and may not form a loop; a schema has at most 64 KiB and 64 nested
// values.
//
// Immutable once made, cheap to copy, any thread. A bad schema is the module's fault and says so in one sentence; bad
// settings become complaints with the place where they stand in the configuration, and never hold a value.
#pragma once

#include "config/config.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

class schema {
public:
    // `json` is the manifest's "config" member.
    static boost::system::result<schema, mistake> parse(std::string_view json);

    struct impl;
    [[nodiscard]] const impl& get() const { return *impl_; }

private:
    explicit schema(std::shared_ptr<const impl> made) : impl_{std::move(made)} {}
    std::shared_ptr<const impl> impl_;
};

// Everything that is wrong with the instance's table: its `mistakes` and what the schema says of all else; empty when
// nothing is. Every text that the schema marks as a secret is registered, also one that stands in the file itself.
// `file` is configuration::file.
std::vector<complaint> validate_instance(const adapter_config& instance, const schema& schema, const std::string& file,
                                         log::secret_registry& secrets);

}  // namespace gateway::config
