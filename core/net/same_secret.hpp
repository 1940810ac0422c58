// Comparing a secret with what somebody presents as it.
#pragma once

#include <string_view>

namespace gateway::net {

// Takes as long wherever they differ, so that trying tells nothing of the secret but its length.
bool is_same_secret(std::string_view presented, std::string_view secret) noexcept;

}  // namespace gateway::net
