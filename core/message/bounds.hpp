// The bounds that gateway/message.h states, checked on a batch. Pure, any thread.
#pragma once

#include "message/model.hpp"

#include <gateway/types.h>

#include <cstddef>
#include <string>

namespace gateway::message {

inline constexpr std::size_t max_batch_events = 1000;
inline constexpr std::size_t max_batch_writes = 64;
inline constexpr std::size_t max_key_bytes = 255;
inline constexpr std::size_t max_value_bytes = 65536;
inline constexpr std::size_t max_instance_keys = 1000;

struct fault {
    gw_status status = GW_OK;  // GW_ERR_LIMIT, GW_ERR_UTF8, GW_ERR_INVALID
    std::string text;          // says which field of which event and what would be right; never its content
};

// The first thing wrong with the batch; status GW_OK when nothing is. Events of an unknown kind are not looked into.
[[nodiscard]] fault check(const batch& value);

// Likewise for a receipt. Its code and text may be of any length: they are cut, since a refused receipt helps nobody.
[[nodiscard]] fault check(const receipt& value);

// About how much memory the batch holds, in bytes.
[[nodiscard]] std::size_t memory_bytes(const batch& value);

}  // namespace gateway::message
