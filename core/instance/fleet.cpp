#include "instance/fleet.hpp"

#include "config/duration.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <ranges>
#include <utility>

namespace gateway::instance {
namespace {

reconnect::settings scheduler_settings(const config::gateway_config& from) {
    return {from.max_connecting, from.on_all_failed == config::when_all_failed::stay ? reconnect::all_failed::stay
                                                                                     : reconnect::all_failed::exit};
}

}  // namespace

fleet::fleet(parts with, std::uint64_t jitter_seed, std::function<void(int)> on_end, std::function<void()> on_change)
    : with_(with),
      on_end_(std::move(on_end)),
      on_change_(std::move(on_change)),
      scheduler_({}, actions_, jitter_seed),
      alarm_(with.time.make_alarm([this] {
          scheduler_.advance(with_.time.now());
          carry_out();
      })) {}

// ----------------------------------------------------------------------------------------------------- configuration

const config::adapter_config* fleet::table_of(std::string_view name) const {
    const auto found = std::ranges::lower_bound(configuration_.adapters, name, {}, &config::adapter_config::name);
    return found != configuration_.adapters.end() && found->name == name && found->enabled ? &*found : nullptr;
}

reconnect::slot_id fleet::free_slot() {
    const auto found = std::ranges::find_if(members_, [](const auto& each) { return each == nullptr; });
    const auto index = static_cast<std::uint32_t>(found - members_.begin());
    if (found == members_.end()) {
        members_.emplace_back();
    }
    return reconnect::slot_id{index};
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
    const auto still_leaving = [&](const auto& each) {
        return each != nullptr && each->leaving && each->name == wanted.name;
    };
    if (by_name_.contains(wanted.name) || std::ranges::any_of(members_, still_leaving)) {
        return;  // added when the old one is gone
    }
    const auto slot = free_slot();
    auto fresh = std::make_unique<member>();
    fresh->name = wanted.name;
    set_table(*fresh, wanted);
    members_[reconnect::index_of(slot)] = std::move(fresh);
    by_name_.emplace(wanted.name, slot);
    handover_.comes(slot);
    with_.plane.add_instance(static_cast<std::uint32_t>(slot), wanted.name);
    scheduler_.add(slot, wanted.reconnect, with_.time.now());
}

void fleet::remove(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        return;
    }
    const auto slot = found->second;
    by_name_.erase(found);
    note_going(slot);
    at(slot).leaving = true;
    scheduler_.remove(slot, with_.time.now());
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
        if (const auto slot = by_name_.find(name); slot != by_name_.end()) {
            note_going(slot->second);
            handover_.comes(slot->second);
        }
    }
    for (const auto& name : changes.removed) {
        remove(name);
    }
    carry_out(GW_CLOSE_END);
    for (const auto& name : changes.changed) {
        const auto slot = by_name_.find(name);
        if (slot != by_name_.end()) {
            set_table(at(slot->second), *table_of(name));
            scheduler_.reconfigure(slot->second, table_of(name)->reconnect, now);
        }
    }
    for (const auto& name : changes.rechatted) {
        const auto slot = by_name_.find(name);
        if (slot != by_name_.end()) {
            set_table(at(slot->second), *table_of(name));
            const auto status = scheduler_.status_of(slot->second);
            if (status && status->at == reconnect::state::online) {
                with_.instances.apply_settings({slot->second, status->incarnation}, at(slot->second).spec);
            }
        }
    }
    for (const auto& name : changes.repoliced) {
        const auto slot = by_name_.find(name);
        if (slot != by_name_.end()) {
            scheduler_.set_policy(slot->second, table_of(name)->reconnect, now);
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

void fleet::on_module_ended(std::string_view name, const module::catalogue::load_result& result) {
    for (std::uint32_t index = 0; index < members_.size(); ++index) {
        const reconnect::slot_id slot{index};
        if (members_[index] == nullptr || at(slot).plugin != name || !at(slot).awaits_module) {
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
        on_module_available(name, **result);
    }
}

void fleet::on_module_available(std::string_view name, const module::loaded_module& loaded) {
    for (const auto& [instance, slot] : by_name_) {
        const auto status = scheduler_.status_of(slot);
        const bool is_tried = at(slot).module == &loaded;
        if (at(slot).plugin == name && !is_tried && status &&
            (status->at == reconnect::state::failed || status->at == reconnect::state::gave_up)) {
            at(slot).checked = false;
            scheduler_.new_generation(slot, with_.time.now());
        }
    }
    carry_out();
}

void fleet::on_journal_trouble(std::string sentence) {
    journal_trouble_ = std::move(sentence);
    on_change_();
}

// ---------------------------------------------------------------------------------------------------------- operator

command_outcome fleet::command_to(std::string_view name, command what) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        return command_outcome::no_such_instance;
    }
    const auto now = with_.time.now();
    auto outcome = reconnect::outcome::stale;
    switch (what) {
        case command::reconnect:
            // An operator's second chance also goes to a module that was refused.
            if (with_.modules.find(at(found->second).plugin) == nullptr) {
                (void)with_.loading.retry(at(found->second).plugin);
            }
            outcome = scheduler_.reconnect(found->second, now);
            break;
        case command::pause:
            outcome = scheduler_.pause(found->second, now);
            break;
        case command::resume:
            outcome = scheduler_.resume(found->second, now);
            break;
    }
    carry_out(what == command::pause ? GW_CLOSE_END : GW_CLOSE_RECONNECT);
    return outcome == reconnect::outcome::applied ? command_outcome::done : command_outcome::not_applicable;
}

instance_status fleet::describe(reconnect::slot_id slot, const member& of) const {
    instance_status shown;
    shown.name = of.name;
    shown.plugin = of.plugin;
    shown.account = of.account;
    shown.pending = with_.plane.pending(static_cast<std::uint32_t>(slot));
    if (of.module != nullptr) {
        shown.version = of.module->description->version;
        shown.generation = of.module->generation;
    }
    const auto status = scheduler_.status_of(slot);
    if (!status) {
        return shown;
    }
    const auto now = with_.time.now();
    const auto in_ms = [](auto span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span); };
    shown.state = status->at;
    shown.since_ms = with_.time.unix_ms() - in_ms(now - status->since).count();
    shown.attempts = status->attempts;
    shown.incarnation = static_cast<std::uint32_t>(status->incarnation);
    if (status->next_retry) {
        shown.next_retry = std::max(std::chrono::milliseconds{0}, in_ms(*status->next_retry - now));
    }
    if (status->why) {
        shown.failure = reconnect::failure{status->why->cls, std::string(status->why->code),
                                           log::redact(status->why->text), std::nullopt};
    }
    return shown;
}

std::vector<instance_status> fleet::statuses() const {
    std::vector<instance_status> all;
    all.reserve(by_name_.size());
    for (std::size_t index = 0; index < members_.size(); ++index) {
        if (members_[index] != nullptr) {
            all.push_back(describe(reconnect::slot_id{static_cast<std::uint32_t>(index)}, *members_[index]));
        }
    }
    std::ranges::sort(all, {}, &instance_status::name);
    return all;
}

std::optional<instance_status> fleet::status_of(std::string_view name) const {
    const auto found =
        std::ranges::find_if(members_, [&](const auto& each) { return each != nullptr && each->name == name; });
    if (found == members_.end()) {
        return std::nullopt;
    }
    return describe(reconnect::slot_id{static_cast<std::uint32_t>(found - members_.begin())}, **found);
}

fleet_health fleet::health() const {
    fleet_health all;
    all.journal_trouble = journal_trouble_;
    for (std::size_t index = 0; index < members_.size(); ++index) {
        const auto status = scheduler_.status_of(reconnect::slot_id{static_cast<std::uint32_t>(index)});
        if (status) {
            ++all.in_state[static_cast<std::size_t>(status->at)];
            all.troubled += status->why && status->at != reconnect::state::paused && !members_[index]->leaving ? 1 : 0;
        }
    }
    return all;
}

// --------------------------------------------------------------------------------------------------------- instances

void fleet::on_create_failed(key from, const reconnect::failure& why) {
    fail_create(from, why);
    carry_out();
}

void fleet::on_connected(key from, const identity& who) {
    at(from.slot).account = who;
    scheduler_.connected(from.slot, from.incarnation, with_.time.now());
    carry_out();
}

void fleet::on_lost(key from, const reconnect::failure& why) {
    scheduler_.lost(from.slot, from.incarnation, why, with_.time.now());
    carry_out();
}

void fleet::on_closed(key from) {
    scheduler_.closed(from.slot, from.incarnation, with_.time.now());
    carry_out();
}

// ----------------------------------------------------------------------------------------------------------- actions

void fleet::carry_out(std::int32_t close_reason) {
    if (std::exchange(carrying_out_, true)) {
        return;  // an action led to an event: its actions are in the same list, further down
    }
    const bool is_quiet = actions_.empty();
    for (std::size_t i = 0; i < actions_.size(); ++i) {
        const auto next = actions_[i];
        carry_out(next, close_reason);
    }
    actions_.clear();
    carrying_out_ = false;
    alarm_->set(scheduler_.next_deadline());
    if (!is_quiet) {
        on_change_();
    }
}

void fleet::carry_out(const reconnect::action& what, std::int32_t close_reason) {
    using reconnect::action_kind;
    const key which{what.slot, what.incarnation};
    const auto slot = static_cast<std::uint32_t>(what.slot);
    switch (what.kind) {
        case action_kind::changed:
            log_change(what);
            break;
        case action_kind::create:
            if (!handover_.holds(which, at(which.slot).plugin)) {
                create(which);
            }
            break;
        case action_kind::publish:
            publish(which);
            break;
        case action_kind::unpublish:
            with_.plane.closing(slot);
            break;
        case action_kind::close:
            if (!with_.instances.close(which, close_reason)) {
                scheduler_.closed(what.slot, what.incarnation, with_.time.now());  // nothing came into being
            }
            break;
        case action_kind::destroy:
            destroy(which, what.abandoned);
            break;
        case action_kind::gave_up:
            log_give_up(what.slot);
            break;
        case action_kind::removed: {
            with_.plane.remove_instance(slot);
            const auto name = std::exchange(members_[reconnect::index_of(what.slot)], nullptr)->name;
            if (const auto named = by_name_.find(name); named != by_name_.end() && named->second == what.slot) {
                by_name_.erase(named);
            }
            if (const auto* wanted = table_of(name); wanted != nullptr && !stopping_) {
                add(*wanted);  // it came back into the configuration while it was leaving
            }
            break;
        }
        case action_kind::stopped_all:
            on_end_(0);
            break;
        case action_kind::exit:
            log::error("no instance is online or waiting; the host stops", {{"exit_code", what.exit_code}});
            on_end_(what.exit_code);
            break;
    }
}

void fleet::log_change(const reconnect::action& what) {
    const auto& of = at(what.slot);
    const auto status = scheduler_.status_of(what.slot);
    if (what.to == reconnect::state::online) {
        log::info("online", {{"instance", of.name}, {"account", of.account.name}});
        return;
    }
    // A failure is news when this incarnation has just reported it, not when it is an older one's or its instance is
    // revived.
    const bool is_news = (what.from == reconnect::state::closing || what.from == reconnect::state::connecting) &&
                         status && status->why && status->why->from == what.incarnation;
    if (!is_news || what.to == reconnect::state::closing) {
        log::debug(reconnect::to_string(what.to), {{"instance", of.name}, {"from", reconnect::to_string(what.from)}});
        return;
    }
    std::vector<log::field> fields{{"instance", of.name},
                                   {"class", reconnect::to_string(status->why->cls)},
                                   {"code", status->why->code},
                                   {"reason", status->why->text},
                                   {"attempts", status->attempts}};
    if (status->next_retry) {
        const auto wait = *status->next_retry - with_.time.now();
        fields.push_back({"retry_in_ms", std::max(std::chrono::milliseconds{0},
                                                  std::chrono::duration_cast<std::chrono::milliseconds>(wait))});
    }
    const auto severity = what.to == reconnect::state::failed ? log::level::error : log::level::warning;
    if (log::enabled(severity)) {
        log::write(severity, reconnect::to_string(what.to), fields);
    }
}

void fleet::log_give_up(reconnect::slot_id slot) {
    const auto& of = at(slot);
    const auto status = scheduler_.status_of(slot);
    const auto* table = table_of(of.name);
    const bool probed = status && status->next_retry && table != nullptr;
    log::error("the instance gave up reconnecting; " +
                   (probed ? "it is probed every " + config::to_text(table->reconnect.probe)
                           : std::string{"it is not tried again (reconnect.probe is 0s)"}) +
                   ", and revived by gatewayctl reconnect, a changed table or a new module",
               {{"instance", of.name}, {"attempts", status ? status->attempts : 0U}});
}

void fleet::fail_create(key which, const reconnect::failure& why) {
    scheduler_.create_failed(which.slot, which.incarnation, why, with_.time.now());
}

void fleet::create(key which) {
    auto& of = at(which.slot);
    of.module = nullptr;
    of.awaits_module.reset();
    if (const auto known = with_.loading.want(of.plugin, module::urgency::needed)) {
        create_from(which, *known);
    } else {
        of.awaits_module = which.incarnation;
    }
}

void fleet::create_from(key which, const module::catalogue::load_result& loaded) {
    auto& of = at(which.slot);
    using reconnect::failure_class;
    const auto* table = table_of(of.name);
    if (loaded.has_error() && table != nullptr && !table->mistakes.empty()) {
        fail_create(which, {failure_class::config, "configuration", told(of, table->mistakes)});
        return;
    }
    if (loaded.has_error()) {
        const auto& refused = loaded.error();
        if (module::passes_by_itself(refused.code)) {
            scheduler_.lost(which.slot, which.incarnation,
                            {failure_class::transient, std::string(module::to_string(refused.code)), refused.sentence},
                            with_.time.now());
            return;
        }
        scheduler_.module_missing(
            which.slot, which.incarnation,
            {failure_class::unsupported, std::string(module::to_string(refused.code)), refused.sentence},
            with_.time.now());
        return;
    }
    of.module = *loaded;
    if (const auto objection = with_.instances.hangs().objection(of.name, of.plugin, with_.time.now())) {
        scheduler_.lost(which.slot, which.incarnation, {failure_class::internal, "module_hangs", *objection},
                        with_.time.now());
        return;
    }
    if (const auto wrong = complaint_about(of, *of.module)) {
        fail_create(which, {failure_class::config, "configuration", *wrong});
        return;
    }
    with_.instances.create(which, *of.module, of.spec);
}

std::optional<std::string> fleet::complaint_about(member& of, const module::loaded_module& from) {
    const auto* table = table_of(of.name);
    if (of.checked || table == nullptr) {
        return std::nullopt;
    }
    auto known = schemas_.find(of.plugin);
    if (known == schemas_.end()) {
        auto parsed = config::schema::parse(boost::json::serialize(from.description->config_schema));
        if (parsed.has_error()) {
            return "the configuration schema of module " + of.plugin + " " + parsed.error().text;
        }
        known = schemas_.emplace(of.plugin, std::move(*parsed)).first;
    }
    const auto found = config::validate_instance(*table, known->second, configuration_.file, log::secrets());
    if (!found.empty()) {
        return told(of, found);
    }
    of.checked = true;
    return std::nullopt;
}

// Answers with the sentence for the status, which is also logged, and logs the mistakes that it leaves out.
std::string fleet::told(const member& of, const std::vector<config::complaint>& mistakes) {
    for (const auto& each : mistakes | std::views::drop(1)) {
        log::error("the configuration is wrong", {{"instance", of.name}, {"where", config::to_string(each)}});
    }
    const auto others = mistakes.size() - 1;
    return config::to_string(mistakes.front()) +
           (others == 0 ? "" : " (and " + std::to_string(others) + " more; gateway-host --check names all)");
}

void fleet::destroy(key which, bool abandoned) {
    if (abandoned) {
        log::warning("the instance did not close in time; it is destroyed",
                     {{"instance", at(which.slot).name}, {"module", at(which.slot).plugin}});
    }
    with_.plane.offline(static_cast<std::uint32_t>(which.slot));
    with_.instances.destroy(which);
    for (const key next : handover_.gone(which.slot)) {
        const auto status = scheduler_.status_of(next.slot);
        if (status && status->at == reconnect::state::connecting && status->incarnation == next.incarnation) {
            create(next);
        }
    }
}

void fleet::publish(key which) {
    const auto& of = at(which.slot);
    with_.instances.apply_settings(which, of.spec);
    with_.instances.refresh_directory(which);
    with_.plane.online(static_cast<std::uint32_t>(which.slot));
}

}  // namespace gateway::instance
