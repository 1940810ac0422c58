// Probes a module in a fork of the host.
//
// The child loads the private copy just as the host would (loader.hpp), writes what came of it into a pipe and ends. It
// has no descriptor of the host's but that pipe, its standard streams lead nowhere, no signal handler of the host's
// runs in it, and it dies with the host. The host waits on the loop, through a pidfd and an alarm; nothing blocks.
//
// A fork, since it costs a fraction of a fresh process (README.md has the figures) and tries the module in the very
// surroundings that it would be loaded into. The C library makes its allocator and the dynamic linker usable in the
// child; a lock that other threads held at the fork stays locked there, so a child that hangs or dies is no proof yet
// (is_doubtful).
//
// Loop thread. The destructor kills the children that are left.
#pragma once

#include "module/probe.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace gateway::module {

class fork_prober final : public prober {
public:
    explicit fork_prober(boost::asio::io_context& io, std::chrono::milliseconds deadline = probe_deadline)
        : io_(io), deadline_(deadline) {}
    ~fork_prober() override;

    void start(const candidate& what, done_function done) override;

private:
    class child;

    boost::asio::io_context& io_;
    std::chrono::milliseconds deadline_;
    std::vector<std::weak_ptr<child>> children_;
};

}  // namespace gateway::module
