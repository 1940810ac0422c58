// The fleet: every configured instance, driven by the reconnect scheduler.
//
//     configuration, modules, operator, instances ──events──▶ scheduler (pure) ──actions──▶ fleet ──▶ instance_host
//                                                                                            └─────▶ message plane
//
// What happens when is the scheduler's decision (core/reconnect); the fleet carries it out: finds the module, checks
// the instance's table against its schema, creates and closes, tells the message plane, writes the log, arms the one
// alarm.
//
// Loop thread. Borrows everything it is given. Nothing here fails: trouble becomes an instance's state.
#pragma once

#include "config/config.hpp"
#include "instance/fleet_health.hpp"
#include "instance/handover.hpp"
#include "instance/instance_host.hpp"
#include "instance/roster.hpp"
#include "instance/table_check.hpp"
#include "loop/time_source.hpp"
#include "module/catalogue.hpp"
#include "module/loading.hpp"
#include "reconnect/scheduler.hpp"
#include "route/message_plane.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::instance {

// One instance as the control API shows it.
struct instance_status {
    std::string name;
    std::string plugin;
    std::string version;      // of the module; empty while none is loaded
    unsigned generation = 0;  // likewise 0
    reconnect::state state{};
    std::int64_t since_ms = 0;  // Unix time
    std::uint32_t attempts = 0;
    std::optional<std::chrono::milliseconds> next_retry;  // from now, not negative
    std::optional<reconnect::failure> failure;
    std::uint32_t incarnation = 0;
    identity account;           // as the platform names it; empty until known
    std::uint64_t pending = 0;  // deliveries that wait for it
};

enum class command : std::uint8_t { reconnect, pause, resume };
enum class command_outcome : std::uint8_t { done, no_such_instance, not_applicable };

class fleet final : public listener {
public:
    struct parts {
        loop::time_source& time;
        module::catalogue& modules;
        module::loading& loading;
        instance_host& instances;
        route::message_plane& plane;
    };

    // `on_end` is told once with the exit code: 0 after stop(), otherwise the stop rule's. `on_change`: some state
    // changed.
    fleet(parts with, std::uint64_t jitter_seed, std::function<void(int exit_code)> on_end,
          std::function<void()> on_change);

    // Brings the fleet to this configuration: touches only instances whose table changed.
    void apply(config::configuration fresh);
    // Closes everything within `budget`, then tells on_end.
    void stop(std::chrono::milliseconds budget);

    // The probe of a module ended: instances that wait for it, or failed without it, start or learn why not.
    void on_module_ended(std::string_view name, const module::catalogue::load_result& result);

    // Somebody put the file of a loaded module there again, unchanged: what failed or gave up is tried again.
    void on_module_reinstalled(std::string_view name);

    // Nothing can be written, and why; empty: it can again. Part of health().
    void on_journal_trouble(std::string sentence);

    command_outcome command_to(std::string_view name, command what);
    // Ordered by name; one that left the configuration is there, closing, until it is gone.
    [[nodiscard]] std::vector<instance_status> statuses() const;
    [[nodiscard]] std::optional<instance_status> status_of(std::string_view name) const;
    [[nodiscard]] fleet_health health() const;
    [[nodiscard]] std::size_t size() const { return roster_.by_name().size(); }
    [[nodiscard]] const config::configuration& configuration() const { return configuration_; }
    [[nodiscard]] std::size_t count(reconnect::state in) const { return scheduler_.count(in); }

private:
    friend struct fleet_saboteur;  // of the tests: breaks what no event can break

    void on_create_failed(key from, const reconnect::failure& why) override;
    void on_connected(key from, const identity& who) override;
    void on_lost(key from, const reconnect::failure& why) override;
    void on_closed(key from) override;

    void carry_out(std::int32_t close_reason = GW_CLOSE_RECONNECT);
    void carry_out(const reconnect::action& what, std::int32_t close_reason);
    void create(key which);
    void create_from(key which, const module::catalogue::load_result& loaded);
    void revive(std::string_view plugin, const module::loaded_module* unless_tried);
    void destroy(key which, bool abandoned);
    void note_going(reconnect::slot_id slot);
    void fail_create(key which, const reconnect::failure& why);
    void publish(key which);
    void add(const config::adapter_config& wanted);
    void remove(std::string_view name);
    static void set_table(member& of, const config::adapter_config& wanted);
    void judge(reconnect::slot_id slot);
    void check_scheduler(reconnect::slot_id changed);
    void on_removed(reconnect::slot_id slot);
    void log_give_up(const reconnect::action& what) const;
    [[nodiscard]] const config::adapter_config* table_of(std::string_view name) const;
    [[nodiscard]] instance_status describe(reconnect::slot_id slot) const;
    member& at(reconnect::slot_id slot) { return roster_.at(slot); }

    parts with_;
    std::function<void(int)> on_end_;
    std::function<void()> on_change_;
    reconnect::action_list actions_;
    reconnect::scheduler scheduler_;
    std::unique_ptr<loop::alarm> alarm_;
    config::configuration configuration_;
    handover handover_;
    roster roster_;
    table_check tables_;
    std::size_t troubled_ = 0;  // of the members
    std::size_t mended_ = 0;    // times that the scheduler had lost one
    std::string journal_trouble_;
    bool carrying_out_ = false;
    bool stopping_ = false;
};

}  // namespace gateway::instance
