#include "app.hpp"

#include "config/config.hpp"
#include "control/api.hpp"
#include "control/server.hpp"
#include "instance/fleet.hpp"
#include "instance/host_api.hpp"
#include "instance/inbound_service.hpp"
#include "instance/instance_host.hpp"
#include "instance/version.hpp"
#include "log/log.hpp"
#include "loop/asio_time_source.hpp"
#include "loop/last_words.hpp"
#include "loop/runner.hpp"
#include "loop/service_notify.hpp"
#include "module/fork_prober.hpp"
#include "module/loading.hpp"
#include "module/watch.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/websocket_client.hpp"
#include "route/message_plane.hpp"
#include "state_dir.hpp"
#include "store/database.hpp"
#include "store/disk_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gateway {
namespace {

constexpr int exit_failure = 1;
constexpr std::chrono::seconds hurry{1};  // of the budget is left at least, when it is told to stop once more

loop::runner::settings runner_settings(std::chrono::milliseconds call_timeout) {
    return {call_timeout, std::min(std::chrono::milliseconds{500}, call_timeout / 4)};
}

net::net_settings net_settings(const config::configuration& from) {
    net::net_settings settings;
    settings.ca_file = from.net.ca_file;
    settings.proxy = from.net.proxy;
    settings.user_agent = "gateway-host/" + std::string(instance::host_version);
    return settings;
}

std::vector<route::route_config> routes_of(const config::configuration& from) {
    std::vector<route::route_config> routes;
    for (const auto& each : from.routes) {
        routes.push_back({each.from, each.to, each.bridge});
    }
    return routes;
}

log::line_format format_of(const options& chosen, const config::log_config& configured) {
    return chosen.log_format.value_or(configured.format.value_or(log::line_format::text));
}

void configure_log(const options& chosen, const config::log_config& configured) {
    log::options settings;
    settings.threshold = chosen.log_level.value_or(configured.level.value_or(log::level::info));
    settings.format = format_of(chosen, configured);
    settings.for_journal = log::stderr_is_journal();
    log::configure(std::move(settings));
}

config::loaded load_configuration(const options& chosen) {
    const auto when_absent = chosen.config_given ? config::absence::is_an_error : config::absence::is_empty;
    return config::load_file(chosen.config_file, when_absent, config::environment::of_process());
}

void log_complaints(const std::vector<config::complaint>& found) {
    for (const auto& each : found) {
        log::error("the configuration is wrong", {{"where", config::to_string(each)}});
    }
}

void log_warnings(const config::configuration& loaded) {
    for (const auto& each : loaded.warnings) {
        log::warning("the configuration is doubtful", {{"where", config::to_string(each)}});
    }
}

// How a stop's one budget is spent: what every part leaves is for the next one.
struct stop_plan {
    loop::time_point close_by;  // instances are closed; then they are destroyed as they are
    loop::time_point calls_by;  // and have their last calls; then calls that hang are left
    loop::time_point end_by;    // and the journal is written

    stop_plan(loop::time_point now, std::chrono::milliseconds budget)
        : close_by(now + budget * 3 / 4), calls_by(now + budget * 7 / 8), end_by(now + budget) {}
};

// Breaks the circle between the plane, which delivers to instances, and the instances, which submit to the plane.
struct late_port final : route::delivery_port {
    route::delivery_port* to = nullptr;
    bool deliver(std::uint32_t slot, std::uint64_t id) override { return to->deliver(slot, id); }
};

// Members are built in this order and destroyed in reverse.
class app {
public:
    app(options chosen, config::configuration loaded, boost::asio::io_context& loop, loop::call_guard& guard,
        loop::runner& runner, store::database& journal)
        : chosen_(std::move(chosen)),
          loop_(loop),
          runner_(runner),
          journal_(journal),
          time_(loop),
          http_(loop, net_settings(loaded)),
          websockets_(loop, net_settings(loaded), http_.trust()),
          inbound_(loop, time_),
          plane_(time_, journal, port_),
          modules_(
              {std::filesystem::absolute(chosen_.plugins_dir), chosen_.state_dir, instance::host_api::extensions()}),
          prober_(loop),
          loading_(modules_, prober_,
                   [this](const std::string& name, const auto& result) { on_module_ended(name, result); }),
          fleet_(
              {time_, modules_, loading_, instances_, plane_}, std::random_device{}(), [this](int code) { end(code); },
              [this] { report_soon(); }),
          instances_({loop, time_, guard, http_, websockets_, plane_, &inbound_}, fleet_),
          watcher_(loop, modules_, {},
                   {[this](const auto& changes) { on_module_changes(changes); },
                    [](const std::string& sentence) { log::warning(sentence); }}),
          control_(loop,
                   [this](auto method, auto target) {
                       return control::serve({fleet_, plane_, modules_, inbound_.address()}, method, target);
                   }),
          watchdog_(time_.make_alarm([this] { feed_watchdog(); })),
          report_(time_.make_alarm([this] { report(); })),
          disk_(time_.make_alarm([this] { look_at_disk(); })),
          end_(time_.make_alarm([this] { loop_.stop(); })),
          signals_(loop, SIGTERM, SIGINT, SIGHUP) {
        port_.to = &instances_;
        starting_ = std::move(loaded);
    }

    // On the loop thread, before anything else runs there.
    void start() {
        if (!listen(starting_.http)) {
            end(exit_failure);
            return;
        }
        on_module_changes(watcher_.start());
        if (!apply(std::move(starting_))) {
            end(reconnect::exit_configuration);
            return;
        }
        if (exit_code_ >= 0) {
            return;  // nothing could even be tried
        }
        if (const auto opened = control_.open(chosen_.state_dir / "control.sock"); opened.has_error()) {
            log::error("the control socket cannot be opened", {{"reason", opened.error()}});
            end(exit_failure);
            return;
        }
        await_signal();
        feed_watchdog();
        look_at_disk();
        log::info("ready", {{"version", instance::host_version},
                            {"instances", fleet_.size()},
                            {"control", (chosen_.state_dir / "control.sock").string()}});
        loop::service_notify("READY=1");
        load_rest();
    }

    void on_journal_trouble(const std::string& trouble) { tell_trouble(disk_watch_.on_trouble(trouble)); }

    void on_call_abandoned() { instances_.on_call_abandoned(); }

    // Negative while it did not end.
    [[nodiscard]] int exit_code() const { return exit_code_; }
    // When all of the stop has to be over; set once there is one.
    [[nodiscard]] loop::time_point end_by() const { return plan_->end_by; }

    // Whether every instance was destroyed: otherwise a module's thread may still use it.
    [[nodiscard]] bool is_idle() const { return instances_.is_idle(); }

private:
    // Before the instances, which find out as they connect whether they can be reached.
    bool listen(const config::http_config& wanted) {
        if (!wanted.listen) {
            return true;
        }
        const boost::asio::ip::tcp::endpoint at(boost::asio::ip::make_address(wanted.listen->host),
                                                wanted.listen->port);
        if (const auto error = inbound_.open(at, instances_.inbound())) {
            log::error("the address of http.listen cannot be listened on",
                       {{"address", wanted.listen->host}, {"port", at.port()}, {"reason", error.message()}});
            return false;
        }
        log::info("listening for HTTP", {{"address", inbound_.address()}});
        return true;
    }

    bool apply(config::configuration fresh) {
        if (const auto set = plane_.set_routes(routes_of(fresh)); set.has_error()) {
            log::error("the routes are wrong", {{"reason", set.error()}});
            return false;
        }
        fleet_.apply(std::move(fresh));
        return true;
    }

    void await_signal() {
        signals_.async_wait([this](boost::system::error_code error, int number) {
            if (error) {
                return;
            }
            await_signal();
            if (number == SIGHUP) {
                reload();
            } else {
                stop();
            }
        });
    }

    void reload() {
        if (stopping_) {
            return;
        }
        log::info("reading the configuration again", {{"file", chosen_.config_file.string()}});
        auto loaded = load_configuration(chosen_);
        auto& fresh = loaded.values;
        if (!loaded.refusals.empty()) {
            log_complaints(loaded.refusals);
            log::error("the configuration is not applied; the host goes on with the one it has");
            return;
        }
        log_warnings(fresh);
        if (!(fresh.net == fleet_.configuration().net) || !(fresh.http == fleet_.configuration().http) ||
            !(fresh.store == fleet_.configuration().store) ||
            fresh.gateway.call_timeout != fleet_.configuration().gateway.call_timeout) {
            log::warning(
                "changes of [net], [http], [store] and gateway.call_timeout take effect after a restart, except an "
                "instance's proxy");
        }
        configure_log(chosen_, fresh.log);
        apply(std::move(fresh));
    }

    // The first request closes in order; a second one destroys at once.
    void stop() {
        const bool again = std::exchange(stopping_, true);
        const auto now = time_.now();
        begin_end();
        if (again) {
            plan_->end_by = std::min(plan_->end_by, now + hurry);
            plan_->calls_by = std::min(plan_->calls_by, now + hurry / 2);
            plan_->close_by = now;
            runner_.leave_by(plan_->calls_by);
            if (exit_code_ >= 0) {
                end_->set(plan_->calls_by);
            }
        }
        const auto budget = std::chrono::duration_cast<std::chrono::milliseconds>(plan_->end_by - now);
        log::info("stopping", {{"budget_ms", budget}});
        loop::service_notify("STOPPING=1");
        inbound_.drain();
        fleet_.stop(std::chrono::duration_cast<std::chrono::milliseconds>(plan_->close_by - now));
    }

    // From here on the end comes, by itself or by this plan.
    void begin_end() {
        if (!plan_) {
            plan_.emplace(time_.now(), fleet_.configuration().gateway.stop_timeout);
            runner_.leave_by(plan_->calls_by);
        }
    }

    void end(int code) {
        begin_end();
        if (exit_code_ < 0) {
            exit_code_ = code;
            log::info("stopped", {{"exit_code", code}});
        }
        watcher_.stop();
        control_.close();
        inbound_.close();
        // Instances that are destroyed have their last calls first.
        end_->set(plan_->calls_by);
        instances_.when_idle([this] { loop_.stop(); });
    }

    void feed_watchdog() {
        if (const auto interval = loop::service_watchdog_interval()) {
            loop::service_notify("WATCHDOG=1");
            watchdog_->set(time_.now() + *interval);
        }
    }

    void look_at_disk() {
        const auto now = time_.now();
        tell_trouble(disk_watch_.look(journal_.busy_since(), now));
        disk_->set(now + store::disk_watch::interval);
    }

    void tell_trouble(const std::optional<std::string>& changed) {
        if (!changed) {
            return;
        }
        if (changed->empty()) {
            log::info("the journal can be written again");
        } else {
            log::error("the journal cannot be written; nothing is acknowledged until it can", {{"reason", *changed}});
        }
        fleet_.on_journal_trouble(*changed);
    }

    // For `systemctl status`. Ten thousand instances that connect are one report, a second later.
    void report_soon() {
        if (started_ && !std::exchange(is_report_due_, true)) {
            report_->set(time_.now() + std::chrono::seconds{1});
        }
    }

    void report() {
        is_report_due_ = false;
        if (auto sentence = fleet_.health().sentence(); sentence != reported_) {
            reported_ = std::move(sentence);
            loop::service_notify("STATUS=" + reported_);
        }
    }

    void on_module_changes(const std::vector<module::change>& changes) {
        for (const auto& each : changes) {
            switch (each.what) {
                case module::change::kind::appeared:
                    log::info("a module is there", {{"module", each.name}, {"file", each.path}});
                    if (started_ && !stopping_) {
                        load(each.name);
                    }
                    break;
                case module::change::kind::replaced:
                    log::info("a new version of a loaded module is there; it is used after a restart",
                              {{"module", each.name}, {"file", each.path}});
                    break;
                case module::change::kind::reinstalled:
                    log::info("the file of a loaded module was put there again; its failed instances are tried again",
                              {{"module", each.name}, {"file", each.path}});
                    fleet_.on_module_reinstalled(each.name);
                    break;
                case module::change::kind::vanished:
                    log::info("a module's file is gone; if loaded, it keeps running",
                              {{"module", each.name}, {"file", each.path}});
                    break;
                case module::change::kind::refused:
                    log_refusal(*each.refused);
                    break;
            }
        }
    }

    void log_refusal(const module::refusal& refused) const {
        if (refused.path == modules_.settings().plugins_dir.string()) {
            log::warning("the plugins directory cannot be used; it is watched", {{"reason", refused.sentence}});
            return;
        }
        log::warning("a module is refused",
                     {{"file", refused.path}, {"code", module::to_string(refused.code)}, {"reason", refused.sentence}});
    }

    void load(const std::string& name) {
        if (const auto known = loading_.want(name, module::urgency::ahead)) {
            on_module_ended(name, *known);
        }
    }

    void on_module_ended(const std::string& name, const module::catalogue::load_result& result) {
        if (result.has_error()) {
            log_refusal(result.error());
        }
        if (!stopping_) {
            fleet_.on_module_ended(name, result);
        }
    }

    // What no instance needed at the start is loaded now, one module a turn, so that a bad one is known before somebody
    // needs it.
    void load_rest() {
        started_ = true;
        report_soon();
        for (const auto& name : modules_.names()) {
            boost::asio::post(loop_, [this, name] {
                if (modules_.find(name) == nullptr) {
                    load(name);
                }
            });
        }
    }

    options chosen_;
    config::configuration starting_;
    boost::asio::io_context& loop_;
    loop::runner& runner_;
    store::database& journal_;
    loop::asio_time_source time_;
    net::http_client http_;
    net::websocket_client websockets_;
    net::http_server inbound_;
    late_port port_;
    route::message_plane plane_;
    module::catalogue modules_;
    module::fork_prober prober_;
    module::loading loading_;
    instance::fleet fleet_;
    instance::instance_host instances_;
    module::watcher watcher_;
    control::server control_;
    std::unique_ptr<loop::alarm> watchdog_;
    std::unique_ptr<loop::alarm> report_;
    std::unique_ptr<loop::alarm> disk_;
    std::unique_ptr<loop::alarm> end_;
    boost::asio::signal_set signals_;
    store::disk_watch disk_watch_;
    std::optional<stop_plan> plan_;
    std::string reported_;
    bool is_report_due_ = false;
    bool started_ = false;
    bool stopping_ = false;
    int exit_code_ = -1;
};

}  // namespace

int run(const options& chosen) {
    configure_log(chosen, {});
    auto [configured, refusals] = load_configuration(chosen);
    if (!refusals.empty()) {
        log_complaints(refusals);
        return reconnect::exit_configuration;
    }
    configure_log(chosen, configured.log);
    log_warnings(configured);
    loop::leave_last_words(format_of(chosen, configured.log) == log::line_format::json ? loop::last_words_format::json
                                                                                       : loop::last_words_format::text);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of the write, not a signal
    std::signal(SIGCHLD, SIG_DFL);  // whoever started us may have ignored it; then the ends of probes would be lost

    const auto held = state_dir::hold(chosen.state_dir);
    if (held.has_error()) {
        const auto why = held.error();
        log::error("the state directory cannot be used", {{"reason", why.sentence}});
        return why.is_unsafe ? reconnect::exit_configuration : exit_failure;
    }
    boost::asio::io_context loop;
    app* running = nullptr;  // set before the loop, which alone calls back, runs
    auto journal = store::database::open(
        loop,
        {chosen.state_dir / "gateway.db",
         configured.store.sync == config::sync_mode::full ? store::durability::full : store::durability::normal,
         std::chrono::hours{7 * 24}, [&running](const std::string& trouble) { running->on_journal_trouble(trouble); }});
    if (journal.has_error()) {
        log::error("the journal cannot be opened", {{"reason", journal.error()}});
        return exit_failure;
    }

    loop::call_guard guard;
    const auto call_timeout = configured.gateway.call_timeout;
    loop::runner runner(loop, guard, runner_settings(call_timeout), [&running] { running->on_call_abandoned(); });
    auto host = std::make_unique<app>(chosen, std::move(configured), loop, guard, runner, **journal);
    running = host.get();
    boost::asio::post(loop, [&host] { host->start(); });
    runner.run();
    const int code = host->exit_code() < 0 ? exit_failure : host->exit_code();
    if (!(*journal)->close_by(host->end_by())) {
        log::error(
            "the journal could not be written to its end in the time for the stop; what was acknowledged is safe");
        std::quick_exit(exit_failure);
    }
    if (runner.lost_threads() != 0 || !host->is_idle()) {
        std::quick_exit(code);  // threads that never returned from a module still use its code and ours
    }
    return code;
}

}  // namespace gateway
