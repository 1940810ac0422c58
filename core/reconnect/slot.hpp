#pragma once
// How the host names an instance: its slot (a dense index, chosen by whoever adds it, reused after it left)
// and its incarnation (counts up with each create in that slot, never starts again). Plain values.

#include <cstddef>
#include <cstdint>

namespace gateway::reconnect {

enum class slot_id : std::uint32_t {};
enum class incarnation_id : std::uint32_t {};

inline constexpr std::size_t max_slots = std::size_t{1} << 22;

constexpr std::size_t index_of(slot_id slot) {
    return static_cast<std::size_t>(slot);
}

}  // namespace gateway::reconnect
