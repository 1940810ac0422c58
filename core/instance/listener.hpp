// What instances report to whoever drives them.
#pragma once

#include "instance/record.hpp"
#include "reconnect/failure.hpp"

#include <string>

namespace gateway::instance {

struct identity {
    std::string id;
    std::string name;
};

// What instances report. Called on the loop thread, possibly while a call into an instance is being made: enqueue, do
// not call back into instances.
class listener {
public:
    listener() = default;
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    virtual void on_create_failed(key from, const reconnect::failure& why) = 0;
    virtual void on_connected(key from, const identity& who) = 0;
    virtual void on_lost(key from, const reconnect::failure& why) = 0;
    virtual void on_closed(key from) = 0;
    virtual ~listener() = default;
};

}  // namespace gateway::instance
