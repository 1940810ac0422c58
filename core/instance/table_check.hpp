// Checks instances' tables against the schemas of their modules, and puts mistakes into words.
//
// Loop thread. Keeps one parsed schema per module name. No errors: what is wrong is the answer.
#pragma once

#include "config/config.hpp"
#include "config/schema.hpp"
#include "module/catalogue.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::instance {

class table_check {
public:
    // What is wrong with the table, told; nothing: all is right. `file` is for the complaint.
    [[nodiscard]] std::optional<std::string> complaint_about(const config::adapter_config& table,
                                                             const module::loaded_module& from,
                                                             const std::string& file);

    // The sentence for the instance's status, which is also logged. Logs the mistakes that the sentence leaves out.
    // There is at least one mistake.
    [[nodiscard]] static std::string told(std::string_view instance, const std::vector<config::complaint>& mistakes);

private:
    std::map<std::string, config::schema, std::less<>> schemas_;  // by module name
};

}  // namespace gateway::instance
