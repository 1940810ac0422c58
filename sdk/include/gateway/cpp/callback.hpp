// A move-only function, small: what an operation calls when it completes.
//
// std::move_only_function is C++23, and std::function refuses captures that cannot be copied. A callable of up to three
// pointers lives inside; a larger one on the heap. Never empty after construction from a callable, empty after a move.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace gateway::sdk {

template <typename... Args>
class callback {
public:
    callback() = default;

    template <typename Callable>
        requires(!std::same_as<std::remove_cvref_t<Callable>, callback> &&
                 std::is_invocable_v<std::remove_cvref_t<Callable>&, Args...>)
    callback(Callable&& callable) {  // implicit, so that a lambda can be passed
        using stored = std::remove_cvref_t<Callable>;
        if constexpr (fits<stored>) {
            ::new (static_cast<void*>(room_)) stored(std::forward<Callable>(callable));
            actions_ = &inside<stored>;
        } else {
            ::new (static_cast<void*>(room_)) stored*(new stored(std::forward<Callable>(callable)));
            actions_ = &outside<stored>;
        }
    }

    callback(callback&& other) noexcept { take(other); }
    callback& operator=(callback&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    callback(const callback&) = delete;
    callback& operator=(const callback&) = delete;
    ~callback() { reset(); }

    explicit operator bool() const noexcept { return actions_ != nullptr; }
    void operator()(Args... args) { actions_->call(room_, std::forward<Args>(args)...); }

private:
    static constexpr std::size_t room_bytes = 3 * sizeof(void*);

    template <typename Stored>
    static constexpr bool fits = sizeof(Stored) <= room_bytes && alignof(Stored) <= alignof(void*) &&
                                 std::is_nothrow_move_constructible_v<Stored>;

    struct actions {
        void (*call)(void* room, Args... args);
        void (*relocate)(void* from, void* to) noexcept;
        void (*destroy)(void* room) noexcept;
    };

    template <typename Stored>
    static constexpr actions inside{
        [](void* room, Args... args) { (*static_cast<Stored*>(room))(std::forward<Args>(args)...); },
        [](void* from, void* to) noexcept {
            ::new (to) Stored(std::move(*static_cast<Stored*>(from)));
            static_cast<Stored*>(from)->~Stored();
        },
        [](void* room) noexcept { static_cast<Stored*>(room)->~Stored(); }};

    template <typename Stored>
    static constexpr actions outside{
        [](void* room, Args... args) { (**static_cast<Stored**>(room))(std::forward<Args>(args)...); },
        [](void* from, void* to) noexcept { ::new (to) Stored*(*static_cast<Stored**>(from)); },
        [](void* room) noexcept { delete *static_cast<Stored**>(room); }};

    void take(callback& other) noexcept {
        if (other.actions_ != nullptr) {
            other.actions_->relocate(other.room_, room_);
            actions_ = std::exchange(other.actions_, nullptr);
        }
    }

    void reset() noexcept {
        if (actions_ != nullptr) {
            std::exchange(actions_, nullptr)->destroy(room_);
        }
    }

    alignas(void*) std::byte room_[room_bytes];
    const actions* actions_ = nullptr;
};

}  // namespace gateway::sdk
