// Strings, structs and arrays that cross the ABI, read safely.
//
// A view made here is valid as long as what it was made from: normally until the running call returns. Pure, no errors:
// what the other side did not fill in reads as zero.
#pragma once

#include <gateway/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <type_traits>

namespace gateway::sdk {

[[nodiscard]] inline std::string_view view(gw_str text) noexcept {
    return text.data == nullptr ? std::string_view{} : std::string_view{text.data, static_cast<std::size_t>(text.size)};
}

[[nodiscard]] inline std::string_view view(gw_bytes bytes) noexcept {
    return bytes.data == nullptr
               ? std::string_view{}
               : std::string_view{reinterpret_cast<const char*>(bytes.data), static_cast<std::size_t>(bytes.size)};
}

[[nodiscard]] inline gw_str to_gw(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

[[nodiscard]] inline gw_bytes to_gw_bytes(std::string_view bytes) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// A copy of a struct that may be shorter or longer than ours: its first member says how long it is, `limit` how much
// memory there is. NULL reads as all zero.
template <typename Struct>
[[nodiscard]] Struct read_struct(const void* from, std::size_t limit = sizeof(Struct)) noexcept {
    static_assert(std::is_trivially_copyable_v<Struct> && std::is_standard_layout_v<Struct>);
    Struct copy{};
    if (from != nullptr && limit >= sizeof(std::uint32_t)) {
        std::uint32_t struct_size = 0;
        std::memcpy(&struct_size, from, sizeof struct_size);
        std::memcpy(&copy, from, std::min({sizeof(Struct), limit, static_cast<std::size_t>(struct_size)}));
    }
    return copy;
}

// An element of an array whose structs are frozen, such as gw_str.
template <typename Frozen>
[[nodiscard]] Frozen read_frozen(const void* from) noexcept {
    static_assert(std::is_trivially_copyable_v<Frozen> && std::is_standard_layout_v<Frozen>);
    Frozen copy{};
    std::memcpy(&copy, from, sizeof copy);
    return copy;
}

// Iterates a gw_array of growable structs, yielding copies.
template <typename Struct>
class struct_range {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Struct;
        using difference_type = std::ptrdiff_t;
        using pointer = const Struct*;
        using reference = Struct;

        iterator() = default;
        iterator(const std::uint8_t* at, std::uint32_t stride) : at_(at), stride_(stride) {}
        Struct operator*() const noexcept { return read_struct<Struct>(at_, stride_); }
        iterator& operator++() noexcept {
            at_ += stride_;
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator old = *this;
            ++*this;
            return old;
        }
        bool operator==(const iterator& other) const noexcept { return at_ == other.at_; }

    private:
        const std::uint8_t* at_ = nullptr;
        std::uint32_t stride_ = 0;
    };

    struct_range() = default;
    explicit struct_range(const gw_array& array) noexcept
        : items_(static_cast<const std::uint8_t*>(array.items)),
          count_(array.items == nullptr || array.stride < sizeof(std::uint32_t) ? 0 : array.count),
          stride_(array.stride) {}

    [[nodiscard]] iterator begin() const noexcept { return {items_, stride_}; }
    [[nodiscard]] iterator end() const noexcept {
        return {count_ == 0 ? items_ : items_ + std::size_t{count_} * stride_, stride_};
    }
    [[nodiscard]] std::uint32_t size() const noexcept { return count_; }

private:
    const std::uint8_t* items_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t stride_ = 0;
};

}  // namespace gateway::sdk
