#include "instance/outside.hpp"

#include "instance/record.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace gateway::instance {
namespace {

constexpr std::size_t max_misuses = 64;

}  // namespace

bool outside::add_wake(gw_token of) {
    const std::lock_guard lock(mutex_);
    auto& wakes = left_.wakes;
    if (std::ranges::any_of(wakes, [of](gw_token known) { return key_of(known) == key_of(of); })) {
        return false;
    }
    if (wakes.size() >= reconnect::max_slots) {
        return false;
    }
    wakes.push_back(of);
    return !std::exchange(told_, true);
}

bool outside::add_misuse(gw_token of, const char* what) {
    const std::lock_guard lock(mutex_);
    if (left_.misuses.size() >= max_misuses) {
        return false;
    }
    left_.misuses.push_back({of, what});
    return !std::exchange(told_, true);
}

outside::contents outside::take() {
    const std::lock_guard lock(mutex_);
    told_ = false;
    return std::exchange(left_, {});
}

}  // namespace gateway::instance
