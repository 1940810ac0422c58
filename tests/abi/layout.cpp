// The ABI's layout as C++ sees it: the same, and of a kind that may be copied as bytes.
#include <gateway/gateway.h>

#include <cstddef>
#include <type_traits>

#define SIZE(type, bytes)                                     \
    static_assert(sizeof(type) == (bytes), "size of " #type); \
    static_assert(std::is_standard_layout_v<type> && std::is_trivially_copyable_v<type>, #type);
#define OFFSET(type, member, bytes) static_assert(offsetof(type, member) == (bytes), "offset of " #type "." #member);

#include "layout.inc"
