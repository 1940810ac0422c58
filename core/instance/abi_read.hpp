// Reads what a module hands over: structs of any size, strided arrays, strings.
//
// A struct from an older SDK is shorter, one from a newer SDK longer; both are read up to the smaller of both sizes and
// the rest is zero. Shorter than version 1.0 of the ABI never was: that is a module's bug.
// Everything here borrows; nothing is kept. Pure.
#pragma once

#include "message/utf8.hpp"

#include <gateway/gateway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace gateway::instance {

// The size of each struct in version 1.0, which the present headers are. When one grows, its old size goes here.
template <typename T>
inline constexpr std::uint32_t first_size = sizeof(T);

template <typename T>
[[nodiscard]] std::optional<T> read_struct(const T* from) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (from == nullptr || from->struct_size < first_size<T>) {
        return std::nullopt;
    }
    T copy{};
    std::memcpy(&copy, from, std::min<std::size_t>(from->struct_size, sizeof(T)));
    return copy;
}

[[nodiscard]] inline std::string_view view(gw_str text) {
    return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}

[[nodiscard]] inline gw_str borrow(std::string_view text) {
    return {text.data(), text.size()};
}

[[nodiscard]] inline std::string_view view(gw_bytes bytes) {
    return bytes.data == nullptr ? std::string_view{}
                                 : std::string_view{reinterpret_cast<const char*>(bytes.data), bytes.size};
}

[[nodiscard]] inline gw_bytes borrow_bytes(std::string_view bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// A text whose data is NULL while its size is not.
[[nodiscard]] inline bool dangling(gw_str text) {
    return text.data == nullptr && text.size != 0;
}

// Calls `use(T)` for each element until one is refused; the status of that one, GW_ERR_LIMIT for too many.
template <typename T, typename Use>
[[nodiscard]] gw_status read_array(const gw_array& array, std::uint32_t most, Use use) {
    if (array.count == 0) {
        return GW_OK;
    }
    if (array.count > most) {
        return GW_ERR_LIMIT;
    }
    if (array.items == nullptr || array.stride < first_size<T>) {
        return GW_ERR_INVALID;
    }
    const auto* at = static_cast<const unsigned char*>(array.items);
    for (std::uint32_t i = 0; i < array.count; ++i, at += array.stride) {
        const auto element = read_struct(reinterpret_cast<const T*>(at));
        if (!element || element->struct_size > array.stride) {
            return GW_ERR_INVALID;
        }
        if (const gw_status status = use(*element); status != GW_OK) {
            return status;
        }
    }
    return GW_OK;
}

// Foreign text as it may stand in a log or a status.
inline std::string well_formed(std::string_view text) {
    return message::is_utf8(text) ? std::string(text) : "(not valid UTF-8)";
}

}  // namespace gateway::instance
