// Where a message goes: the routes of the configuration, applied. Pure; loop thread only; knows instances by slot.
//
//   to      every message in a chat that a `from` pattern names becomes a delivery to the agent `to`: its chat is the
//           origin's whole address, its id the origin's message id, so that the agent can answer it with reply_to.
//   answer  what an agent says in a chat that is such an address, and that some route sends to it, goes back there.
//   bridge  a message in one of the addresses is said in the others, "Ann: hi".
//
// Every route that matches counts, each destination once; an instance is never a destination of what it says itself,
// except over a bridge between its own chats. A message flagged GW_SENDER_SELF is routed nowhere.
#pragma once

#include "message/address.hpp"
#include "message/model.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::route {

// One [[routes]] table: `from` and `to`, or `bridge`.
struct route_config {
    std::vector<std::string> from;    // patterns
    std::string to;                   // an instance's name
    std::vector<std::string> bridge;  // addresses, at least two
};

struct copy {
    std::uint32_t to = 0;  // slot
    message::message message;
};

enum class verdict : std::uint8_t {
    routed,      // at least one copy
    answered,    // an agent's answer, to where it belongs
    own,         // flagged GW_SENDER_SELF
    unroutable,  // no route matches, or none of its destinations exists
    refused,     // an agent spoke into a chat that no route sends to it, and no route takes that from it either
};

class router {
public:
    router();
    ~router();

    // Replaces the routes. The error is a sentence that names the route (counted from 1) and what would be right;
    // the old routes stay then.
    boost::system::result<void, std::string> set_routes(const std::vector<route_config>& routes);

    void add_instance(std::uint32_t slot, std::string_view name);
    void remove_instance(std::uint32_t slot);

    // Appends the copies to make of `said`, which instance `from` sent.
    verdict route(std::uint32_t from, const message::message& said, std::vector<copy>& ret_copies) const;

private:
    struct tables;
    std::unique_ptr<tables> tables_;
};

}  // namespace gateway::route
