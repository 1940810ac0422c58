// The composition root: builds the host's parts in order, runs the loop, destroys them in reverse.
#pragma once

#include "options.hpp"

namespace gateway {

// Runs the host until it is told to stop or nothing is left to do. The exit code: 0 asked to stop, 1 failure, 78
// configuration. What goes wrong is in the log.
int run(const options& chosen);

}  // namespace gateway
