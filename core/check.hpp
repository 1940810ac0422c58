// `gateway-host --check`: says what is wrong with the configuration, without running anything.
#pragma once

#include "options.hpp"

namespace gateway {

// Prints each mistake with file, line, column and key to standard error. Executes no module. 0, or 78 for mistakes.
int check_configuration(const options& chosen);

}  // namespace gateway
