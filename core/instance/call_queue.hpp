// The calls into instances that wait their turn, first in first out over all instances.
//
// Everything that is to be told to an instance goes through here, so no call is ever made from within another, and each
// instance sees its calls in the order they arose. A turn of the loop makes at most `calls_per_turn`, then lets sockets
// and timers have theirs. Before a call is made it is taken out: should it never return, `resume` goes on with the
// next.
//
// Loop thread. Bound: what can wait is bounded by what an instance can have pending, times the instances.
#pragma once

#include "instance/call.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <deque>
#include <functional>

namespace gateway::instance {

class call_queue {
public:
    static constexpr std::size_t calls_per_turn = 256;

    // `make` makes one call; it may push more.
    call_queue(boost::asio::io_context& loop, std::function<void(call&)> make);

    void push(call next);

    // No call waits, and none is being made.
    [[nodiscard]] bool is_idle() const { return !scheduled_; }
    // Calls `then` once, from the loop, as soon as it is idle; the last one counts.
    void when_idle(std::function<void()> then);

    // The call being made was abandoned, and this is the new loop thread.
    void resume();

private:
    void schedule();
    void turn();

    boost::asio::io_context& loop_;
    std::function<void(call&)> make_;
    std::deque<call> waiting_;
    std::function<void()> when_idle_;
    bool scheduled_ = false;  // a turn is to come, or under way
};

}  // namespace gateway::instance
