// The real fleet on a manual clock, with the stub as its module, a journal in memory, and probes that always go well.
// What it logs is kept.
#pragma once

#include "config/config.hpp"
#include "instance/fleet.hpp"
#include "instance/host_api.hpp"
#include "log/log.hpp"
#include "loop/runner.hpp"
#include "module/loading.hpp"
#include "net/http_client.hpp"
#include "support/manual_time.hpp"
#include "support/memory_journal.hpp"
#include "support/net_fake_websockets.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::test {

class ready_prober final : public module::prober {
public:
    explicit ready_prober(boost::asio::io_context& loop) : loop_(loop) {}
    void start(const module::candidate&, done_function done) override {
        boost::asio::post(loop_, [done = std::move(done)] { done({.what = module::probe_outcome::kind::loaded}); });
    }

private:
    boost::asio::io_context& loop_;
};

class stub_fleet {
public:
    stub_fleet() {
        loop::become_loop_thread();
        std::filesystem::create_directory(directory_.path() / "plugins");
        log::options settings;
        settings.threshold = log::level::debug;
        settings.to = [this](std::string_view line) { lines.emplace_back(line); };
        log::configure(std::move(settings));
        port_.to = &instances;
    }
    ~stub_fleet() {
        fleet.stop(std::chrono::seconds{1});
        pass(std::chrono::seconds{1});
        log::configure({});
    }
    stub_fleet(const stub_fleet&) = delete;
    stub_fleet& operator=(const stub_fleet&) = delete;

    // Drops the stub.
    void install() {
        const auto file = directory_.path() / "plugins" / "stub.so";
        std::filesystem::copy_file(GATEWAY_STUB_MODULE, file);
        (void)modules.scan();
        if (const auto known = loading.want("stub", module::urgency::ahead)) {
            fleet.on_module_ended("stub", *known);
        }
        run();
    }

    // The configuration from now on.
    void apply(std::string_view toml) {
        auto loaded = config::load_text(toml, "gateway.toml", directory_.path(), config::environment::of_process());
        REQUIRE(loaded.refusals.empty());
        fleet.apply(std::move(loaded.values));
        run();
    }

    void run() {  // until nothing is left to do now
        loop.restart();
        loop.poll();
    }
    void pass(std::chrono::milliseconds span) {
        time.pass(span, [this] { run(); });
    }

    [[nodiscard]] reconnect::state state_of(std::string_view name) const {
        const auto status = fleet.status_of(name);
        return status ? status->state : reconnect::state::absent;
    }
    // The lines that hold all of these.
    [[nodiscard]] std::size_t count_lines(const std::vector<std::string>& parts) const {
        return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const auto& line) {
            return std::ranges::all_of(parts, [&](const auto& part) { return line.find(part) != std::string::npos; });
        }));
    }

    std::vector<std::string> lines;
    std::vector<int> ends;  // what on_end was told

private:
    struct port final : route::delivery_port {
        route::delivery_port* to = nullptr;
        bool deliver(std::uint32_t slot, std::uint64_t id) override { return to->deliver(slot, id); }
    };

    temporary_directory directory_;

public:
    boost::asio::io_context loop;
    manual_time time;

private:
    loop::call_guard guard_;
    net::http_client http_{loop, {}};
    fake_websockets websockets_;
    memory_journal journal_{loop};
    port port_;
    ready_prober prober_{loop};

public:
    route::message_plane plane{time, journal_, port_};
    module::catalogue modules{
        {directory_.path() / "plugins", directory_.path() / "state", instance::host_api::extensions()}};
    module::loading loading{
        modules, prober_, [this](const std::string& name, const auto& result) { fleet.on_module_ended(name, result); }};
    instance::fleet fleet{
        {time, modules, loading, instances, plane}, 1, [this](int code) { ends.push_back(code); }, [] {}};
    instance::instance_host instances{{loop, time, guard_, http_, websockets_, plane}, fleet};
};

}  // namespace gateway::test
