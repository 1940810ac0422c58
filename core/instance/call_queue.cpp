#include "instance/call_queue.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace gateway::instance {

call_queue::call_queue(boost::asio::io_context& loop, std::function<void(call&)> make)
    : loop_(loop), make_(std::move(make)) {}

void call_queue::push(call next) {
    waiting_.push_back(std::move(next));
    if (!scheduled_) {
        schedule();
    }
}

void call_queue::when_idle(std::function<void()> then) {
    when_idle_ = std::move(then);
    if (is_idle()) {
        schedule();
    }
}

void call_queue::resume() {
    scheduled_ = false;
    if (!waiting_.empty()) {
        schedule();
    } else if (when_idle_) {
        std::exchange(when_idle_, nullptr)();
    }
}

void call_queue::schedule() {
    scheduled_ = true;
    boost::asio::post(loop_, [this] { turn(); });
}

void call_queue::turn() {
    for (std::size_t made = 0; made < calls_per_turn && !waiting_.empty(); ++made) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        make_(next);
    }
    resume();
}

}  // namespace gateway::instance
