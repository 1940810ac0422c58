// A message plane on a manual clock over a journal in memory.
#pragma once

#include "route_world.hpp"
#include "support/memory_journal.hpp"

namespace gateway::test {

struct plane_fixture {
    boost::asio::io_context loop;
    manual_time time;
    memory_journal journal{loop};
    plane_world world;

    explicit plane_fixture(const route::plane_settings& options = {}) : world(loop, time, journal, options) {}
};

}  // namespace gateway::test
