// What the fleet is told to do: by the configuration, by modules that come, by the operator.

#include "instance/fleet.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <utility>

namespace gateway::instance {
namespace {

reconnect::settings scheduler_settings(const config::gateway_config& from) {
    return {from.max_connecting, from.on_all_failed == config::when_all_failed::stay ? reconnect::all_failed::stay
                                                                                     : reconnect::all_failed::exit};
}

}  // namespace

// ------------------------------------------------------------------------------------------------------- configuration

const config::adapter_config* fleet::table_of(std::string_view name) const {
    const auto found = std::ranges::lower_bound(configuration_.adapters, name, {}, &config::adapter_config::name);
    return found != configuration_.adapters.end() && found->name == name && found->enabled ? &*found : nullptr;
}

void fleet::set_table(member& of, const config::adapter_config& wanted) {
    auto spec = std::make_shared<instance_spec>();
    spec->name = wanted.name;
    spec->json = wanted.json;
    spec->proxy = wanted.proxy;
    for (const auto& [chat, json] : wanted.chats) {
        spec->chats.emplace_back(chat, json);
    }
    of.plugin = wanted.plugin;
    of.spec = std::move(spec);
    of.checked = false;
}

void fleet::add(const config::adapter_config& wanted) {
    if (roster_.find(wanted.name)) {
        return;  // it leaves; added when that is over
    }
    member fresh;
    fresh.name = wanted.name;
    set_table(fresh, wanted);
    const auto slot = roster_.add(std::move(fresh));
    handover_.comes(slot);
    with_.plane.add_instance(static_cast<std::uint32_t>(slot), wanted.name);
    scheduler_.add(slot, wanted.reconnect, with_.time.now());
}

void fleet::remove(std::string_view name) {
    const auto slot = roster_.find_staying(name);
    if (!slot) {
        return;
    }
    note_going(*slot);
    at(*slot).leaving = true;
    judge(*slot);
    scheduler_.remove(*slot, with_.time.now());
}

void fleet::note_going(reconnect::slot_id slot) {
    if (const auto status = scheduler_.status_of(slot); status && reconnect::is_alive(status->at)) {
        handover_.goes(slot, at(slot).plugin);
    }
}

void fleet::apply(config::configuration fresh) {
    const auto changes = config::compare(configuration_, fresh);
    configuration_ = std::move(fresh);
    const auto now = with_.time.now();
    scheduler_.begin_changes();
    scheduler_.set(scheduler_settings(configuration_.gateway), now);
    // All that goes is known before anything comes.
    for (const auto& name : changes.changed) {
        if (const auto slot = roster_.find_staying(name)) {
            note_going(*slot);
            handover_.comes(*slot);
        }
    }
    for (const auto& name : changes.removed) {
        remove(name);
    }
    carry_out(GW_CLOSE_END);
    for (const auto& name : changes.changed) {
        if (const auto slot = roster_.find_staying(name)) {
            set_table(at(*slot), *table_of(name));
            scheduler_.reconfigure(*slot, table_of(name)->reconnect, now);
        }
    }
    for (const auto& name : changes.rechatted) {
        if (const auto slot = roster_.find_staying(name)) {
            set_table(at(*slot), *table_of(name));
            const auto status = scheduler_.status_of(*slot);
            if (status && status->at == reconnect::state::online) {
                with_.instances.apply_settings({*slot, status->incarnation}, at(*slot).spec);
            }
        }
    }
    for (const auto& name : changes.repoliced) {
        if (const auto slot = roster_.find_staying(name)) {
            scheduler_.set_policy(*slot, table_of(name)->reconnect, now);
        }
    }
    for (const auto& name : changes.added) {
        add(*table_of(name));
    }
    scheduler_.end_changes(now);
    carry_out();
}

void fleet::stop(std::chrono::milliseconds budget) {
    stopping_ = true;
    scheduler_.stop_all(budget, with_.time.now());
    carry_out(GW_CLOSE_STOP);
}

// ------------------------------------------------------------------------------------------------------------- modules

void fleet::on_module_ended(std::string_view name, const module::catalogue::load_result& result) {
    for (const auto& [instance, slot] : roster_.by_name()) {
        if (at(slot).plugin != name || !at(slot).awaits_module) {
            continue;
        }
        const auto awaiting = *std::exchange(at(slot).awaits_module, std::nullopt);
        const auto status = scheduler_.status_of(slot);
        if (status && status->at == reconnect::state::connecting && status->incarnation == awaiting) {
            create_from({slot, awaiting}, result);
        }
    }
    carry_out();
    if (result) {
        revive(name, *result);
    }
}

void fleet::on_module_reinstalled(std::string_view name) {
    revive(name, nullptr);
}

// Except those whose latest incarnation was of that module already.
void fleet::revive(std::string_view plugin, const module::loaded_module* unless_tried) {
    for (const auto& [instance, slot] : roster_.by_name()) {
        const auto status = scheduler_.status_of(slot);
        const bool is_tried = unless_tried != nullptr && at(slot).module == unless_tried;
        if (at(slot).plugin == plugin && !is_tried && status &&
            (status->at == reconnect::state::failed || status->at == reconnect::state::gave_up)) {
            at(slot).checked = false;
            scheduler_.new_generation(slot, with_.time.now());
        }
    }
    carry_out();
}

// ------------------------------------------------------------------------------------------------------------ operator

command_outcome fleet::command_to(std::string_view name, command what) {
    const auto slot = roster_.find_staying(name);
    if (!slot) {
        return command_outcome::no_such_instance;
    }
    const auto now = with_.time.now();
    auto outcome = reconnect::outcome::stale;
    switch (what) {
        case command::reconnect:
            // An operator's second chance also goes to a module that was refused.
            if (with_.modules.find(at(*slot).plugin) == nullptr) {
                (void)with_.loading.retry(at(*slot).plugin);
            }
            outcome = scheduler_.reconnect(*slot, now);
            break;
        case command::pause:
            outcome = scheduler_.pause(*slot, now);
            break;
        case command::resume:
            outcome = scheduler_.resume(*slot, now);
            break;
    }
    carry_out(what == command::pause ? GW_CLOSE_END : GW_CLOSE_RECONNECT);
    return outcome == reconnect::outcome::applied ? command_outcome::done : command_outcome::not_applicable;
}

}  // namespace gateway::instance
