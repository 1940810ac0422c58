#include "route/directory.hpp"

#include "message/address.hpp"

#include <algorithm>
#include <utility>

namespace gateway::route {

directory::directory(std::size_t max_chats) : max_chats_(max_chats) {}

void directory::add_instance(std::uint32_t slot, std::string_view name) {
    instances_[slot] = {std::string(name), {}};
}

void directory::remove_instance(std::uint32_t slot) {
    instances_.erase(slot);
}

void directory::told(std::uint32_t slot, const message::chat& about, std::int64_t unix_ms) {
    auto& of = instances_.at(slot);
    auto& entry = of.chats[about.id];
    entry.kind = about.kind;
    entry.title = about.title;
    entry.seen_ms = std::max(entry.seen_ms, unix_ms);
    make_room(of);
}

void directory::seen(std::uint32_t slot, const std::string& chat, std::int64_t unix_ms) {
    auto& of = instances_.at(slot);
    const auto [entry, is_new] = of.chats.try_emplace(chat);
    entry->second.seen_ms = std::max(entry->second.seen_ms, unix_ms);
    if (is_new) {
        make_room(of);
    }
}

// A tenth at once, so that looking for the longest unseen costs little per chat.
void directory::make_room(instance& of) const {
    if (of.chats.size() <= max_chats_) {
        return;
    }
    std::vector<std::pair<std::int64_t, const std::string*>> by_age;
    by_age.reserve(of.chats.size());
    for (const auto& [chat, entry] : of.chats) {
        by_age.emplace_back(entry.seen_ms, &chat);
    }
    const auto leaving = std::max<std::size_t>(1, max_chats_ / 10);
    const auto end = by_age.begin() + static_cast<std::ptrdiff_t>(leaving);
    std::nth_element(by_age.begin(), end, by_age.end());
    std::for_each(by_age.begin(), end, [&](const auto& old) { of.chats.erase(of.chats.find(*old.second)); });
}

std::vector<directory_entry> directory::list(std::uint32_t slot) const {
    std::vector<directory_entry> all;
    const auto found = instances_.find(slot);
    if (found == instances_.end()) {
        return all;
    }
    all.reserve(found->second.chats.size());
    for (const auto& [chat, entry] : found->second.chats) {
        all.push_back({message::format({found->second.name, chat, {}}), entry.kind, entry.title, entry.seen_ms});
    }
    std::ranges::sort(all, {}, &directory_entry::address);
    return all;
}

std::vector<directory_entry> directory::list() const {
    std::vector<directory_entry> all;
    for (const auto& [slot, of] : instances_) {
        auto some = list(slot);
        std::ranges::move(some, std::back_inserter(all));
    }
    std::ranges::sort(all, {}, &directory_entry::address);
    return all;
}

}  // namespace gateway::route
