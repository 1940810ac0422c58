#include "instance/fleet.hpp"

#include "instance/change_log.hpp"
#include "log/log.hpp"

#include <utility>

namespace gateway::instance {

fleet::fleet(parts with, std::uint64_t jitter_seed, std::function<void(int)> on_end, std::function<void()> on_change)
    : with_(with),
      on_end_(std::move(on_end)),
      on_change_(std::move(on_change)),
      scheduler_({}, actions_, jitter_seed),
      alarm_(with.time.make_alarm([this] {
          scheduler_.advance(with_.time.now());
          carry_out();
      })) {}

// ----------------------------------------------------------------------------------------------------------- instances

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

// ------------------------------------------------------------------------------------------------------------- actions

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
            check_scheduler(what.slot);
            judge(what.slot);
            log_change(what, at(what.slot), scheduler_);
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
            log_give_up(what);
            break;
        case action_kind::removed:
            on_removed(what.slot);
            break;
        case action_kind::stopped_all:
            on_end_(0);
            break;
        case action_kind::exit:
            log::error("no instance is online or waiting; the host stops", {{"exit_code", what.exit_code}});
            on_end_(what.exit_code);
            break;
    }
}

void fleet::check_scheduler(reconnect::slot_id changed) {
    const auto mended = scheduler_.check(changed, with_.time.now());
    if (!mended) {
        return;
    }
    ++mended_;
    const auto status = scheduler_.status_of(*mended);
    log::error("the reconnect scheduler had lost track of an instance and was put in order; this is a bug of the host",
               {{"instance", status ? at(*mended).name : std::string{}},
                {"state", reconnect::to_string(status ? status->at : reconnect::state::absent)}});
}

void fleet::on_removed(reconnect::slot_id slot) {
    with_.plane.remove_instance(static_cast<std::uint32_t>(slot));
    const auto name = roster_.take(slot).name;
    if (const auto* wanted = table_of(name); wanted != nullptr && !stopping_) {
        add(*wanted);  // it came back into the configuration while it was leaving
    }
}

void fleet::log_give_up(const reconnect::action& what) const {
    const auto& of = roster_.at(what.slot);
    const auto* table = table_of(of.name);
    instance::log_give_up(what, of, table != nullptr ? table->reconnect.probe : what.retry_in);
}

// ------------------------------------------------------------------------------------------------------------ creating

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
        fail_create(which, {failure_class::config, "configuration", table_check::told(of.name, table->mistakes)});
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
    if (!of.checked && table != nullptr) {
        if (const auto wrong = tables_.complaint_about(*table, *of.module, configuration_.file)) {
            fail_create(which, {failure_class::config, "configuration", *wrong});
            return;
        }
        of.checked = true;
    }
    with_.instances.create(which, *of.module, of.spec);
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
