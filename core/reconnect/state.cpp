#include "reconnect/state.hpp"

namespace gateway::reconnect {

namespace {

constexpr std::array<std::string_view, state_count> words{"absent",  "waiting", "connecting", "online",
                                                          "closing", "failed",  "gave_up",    "paused"};

}  // namespace

std::string_view to_string(state s) {
    return words[static_cast<std::size_t>(s)];
}

std::optional<state> state_from_string(std::string_view word) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == word) {
            return static_cast<state>(i);
        }
    }
    return std::nullopt;
}

}  // namespace gateway::reconnect
