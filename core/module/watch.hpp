// Watches the plugins directory and keeps the catalogue up to date: inotify where it works, and a slow rescan that
// finds what inotify cannot tell (network file systems, what a link leads to, lost events).
//
// The directory may be absent, removed, made again or replaced by another: its parents are watched for that. Changes
// are handed over on the loop, after the catalogue took them in; the handlers may call the catalogue, and must not
// destroy the watcher. Trouble with inotify costs only promptness; it is told in one sentence and work goes on. Loop
// thread. Borrows the catalogue, which outlives it.
#pragma once

#include "module/catalogue.hpp"
#include "module/watch_plan.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gateway::module {

struct watch_handlers {
    std::function<void(const std::vector<change>&)> on_change;
    std::function<void(const std::string& sentence)> on_trouble;
};

class watcher {
public:
    watcher(boost::asio::io_context& io, catalogue& modules, const watch_settings& settings, watch_handlers handlers);
    ~watcher();
    watcher(const watcher&) = delete;
    watcher& operator=(const watcher&) = delete;

    // Watches first and then scans, so that nothing slips through between. Answers what the scan found; from then on
    // `on_change` tells. Called once.
    [[nodiscard]] std::vector<change> start();
    // No handler is called any more. Idempotent.
    void stop();

private:
    class driver;
    std::shared_ptr<driver> driver_;
};

}  // namespace gateway::module
