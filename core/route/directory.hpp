// The chat directory: which chats each instance has, as told by the instance and as seen in messages. Pure; loop
// thread. Bounds: store::max_directory_chats per instance; past that the longest unseen tenth is forgotten.
#pragma once

#include "message/model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gateway::route {

struct directory_entry {
    std::string address;    // instance:chat
    std::int32_t kind = 0;  // GW_CHAT_*; 0: only seen in messages
    std::string title;
    std::int64_t seen_ms = 0;  // Unix time
};

class directory {
public:
    explicit directory(std::size_t max_chats);

    void add_instance(std::uint32_t slot, std::string_view name);
    void remove_instance(std::uint32_t slot);

    // The instance told about a chat: replaces what was known.
    void told(std::uint32_t slot, const message::chat& about, std::int64_t unix_ms);
    // A message came from a chat.
    void seen(std::uint32_t slot, const std::string& chat, std::int64_t unix_ms);

    // Ordered by address.
    [[nodiscard]] std::vector<directory_entry> list() const;
    [[nodiscard]] std::vector<directory_entry> list(std::uint32_t slot) const;

private:
    struct known {
        std::int32_t kind = 0;
        std::string title;
        std::int64_t seen_ms = 0;
    };
    struct instance {
        std::string name;
        std::unordered_map<std::string, known> chats;
    };

    void make_room(instance& of) const;

    std::size_t max_chats_;
    std::unordered_map<std::uint32_t, instance> instances_;
};

}  // namespace gateway::route
