#include "instance/instance_host.hpp"

#include "instance/abi_read.hpp"
#include "instance/host_api.hpp"
#include "instance/http_service.hpp"
#include "instance/inbound_service.hpp"
#include "instance/message_service.hpp"
#include "instance/timer_service.hpp"
#include "instance/websocket_service.hpp"
#include "log/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace gateway::instance {
namespace {

reconnect::failure_class class_of(std::int32_t number) {
    using reconnect::failure_class;
    switch (number) {
        case GW_FAILURE_RATE_LIMITED:
            return failure_class::rate_limited;
        case GW_FAILURE_CONFLICT:
            return failure_class::conflict;
        case GW_FAILURE_INTERNAL:
            return failure_class::internal;
        case GW_FAILURE_AUTH:
            return failure_class::auth;
        case GW_FAILURE_CONFIG:
            return failure_class::config;
        case GW_FAILURE_UNSUPPORTED:
            return failure_class::unsupported;
        default:
            return failure_class::transient;
    }
}

}  // namespace

instance_host::instance_host(services with, listener& to)
    : with_(with),
      to_(to),
      calls_(with.loop, [this](call& next) { make(next); }),
      timers_(std::make_unique<timer_service>(*this)),
      http_(std::make_unique<http_service>(*this)),
      websockets_(std::make_unique<websocket_service>(*this)),
      inbound_(std::make_unique<inbound_service>(*this)),
      messages_(std::make_unique<message_service>(*this)) {
    host_api::activate(this);
}

instance_host::~instance_host() {
    host_api::activate(nullptr);
}

record* instance_host::at(reconnect::slot_id which) {
    const auto index = reconnect::index_of(which);
    return index < records_.size() ? records_[index].get() : nullptr;
}

record* instance_host::find(key which) {
    auto* found = at(which.slot);
    return found != nullptr && found->incarnation == which.incarnation && found->phase != life::none ? found : nullptr;
}

void instance_host::create(key which, const module::loaded_module& from, std::shared_ptr<const instance_spec> spec) {
    auto fresh = std::make_unique<record>();
    fresh->adapter = from.adapter;
    fresh->module_name = from.description->name;
    fresh->spec = std::move(spec);
    fresh->incarnation = which.incarnation;
    fresh->phase = life::creating;
    const auto index = reconnect::index_of(which.slot);
    if (index >= records_.size()) {
        records_.resize(index + 1);
    }
    assert(records_[index] == nullptr);
    records_[index] = std::move(fresh);
    push(which, create_call{});
}

void instance_host::apply_settings(key which, std::shared_ptr<const instance_spec> spec) {
    push(which, settings_call{std::move(spec)});
}

void instance_host::refresh_directory(key which) {
    push(which, refresh_call{});
}

bool instance_host::close(key which, std::int32_t reason) {
    auto* closing = find(which);
    if (closing == nullptr) {
        return false;
    }
    if (closing->phase == life::closing) {
        return true;
    }
    if (closing->phase == life::hung) {
        // Nothing can be asked of it; the fleet learns from the loop, as from any other.
        boost::asio::post(with_.loop, [this, which] { to_.on_closed(which); });
        return true;
    }
    closing->phase = life::closing;
    push(which, close_call{reason});
    return true;
}

void instance_host::destroy(key which) {
    auto* ending = find(which);
    if (ending == nullptr) {
        return;
    }
    drop_operations(which, *ending);
    auto ended = std::move(records_[reconnect::index_of(which.slot)]);
    if (std::exchange(ended->phase, life::none) == life::hung) {
        lost_.push_back(std::move(ended));
    } else if (ended->self != nullptr) {
        push(which, destroy_call{std::move(ended)});
    }
}

bool instance_host::deliver(std::uint32_t slot, std::uint64_t id) {
    const reconnect::slot_id to{slot};
    const auto* online = at(to);
    if (online == nullptr || online->phase != life::online) {
        return false;
    }
    push({to, online->incarnation}, deliver_call{id});
    return true;
}

void instance_host::drop_operations(key of, record& in) {
    for (const auto& pending : in.operations) {
        if (pending.kind == operation_kind::timer && !pending.completing) {
            timers_->drop(pending.handle);
        }
    }
    http_->drop(of, in);
    websockets_->drop(of, in);
    inbound_->drop(of, in);
    in.operations.clear();
    in.operations.shrink_to_fit();
}

void instance_host::forget(key of) {
    records_[reconnect::index_of(of.slot)].reset();
}

void instance_host::report_lost(key of, record& in, reconnect::failure why) {
    if (!std::exchange(in.lost_reported, true)) {
        to_.on_lost(of, why);
    }
}

// ------------------------------------------------------------------------------------------------ from the module

gw_status instance_host::report_connected(key of, record& in, const identity& who) {
    if (in.phase != life::connecting || in.lost_reported) {
        complain(in, "it reports being connected twice, after its loss, or while closing");
        return GW_ERR_DUPLICATE;
    }
    in.phase = life::online;
    to_.on_connected(of, who);
    return GW_OK;
}

gw_status instance_host::report_failure(key of, record& in, const gw_failure& why) {
    if (in.lost_reported || in.phase == life::closing) {
        return GW_ERR_DUPLICATE;
    }
    reconnect::failure known{class_of(why.failure_class), well_formed(view(why.code)), well_formed(view(why.text)), {}};
    if (why.retry_after_ms >= 0) {
        known.retry_after = std::chrono::milliseconds(why.retry_after_ms);
    }
    report_lost(of, in, std::move(known));
    return GW_OK;
}

gw_status instance_host::report_closed(key of, record& in) {
    if (in.phase != life::closing) {
        complain(in, "it reports being closed although nobody closes it");
        return GW_ERR_INVALID;
    }
    if (std::exchange(in.closed_reported, true)) {
        return GW_ERR_DUPLICATE;
    }
    to_.on_closed(of);
    return GW_OK;
}

void instance_host::complain(record& about, std::string_view what) {
    const auto verdict = about.complaints.admit(with_.time.now());
    if (verdict.pass) {
        log::warning("the module broke the adapter contract",
                     {{"instance", about.spec->name}, {"module", about.module_name}, {"what", what}});
    }
}

gw_status instance_host::start_operation(record& of, std::uint64_t op) {
    if (of.find(op) != nullptr) {
        complain(of, "it starts an operation under a number that is pending already");
        return GW_ERR_DUPLICATE;
    }
    return of.operations.size() >= max_operations ? GW_ERR_LIMIT : GW_OK;
}

void instance_host::complete(key of, std::uint64_t op, decltype(call::what) what) {
    auto* in = find(of);
    auto* pending = in == nullptr ? nullptr : in->find(op);
    if (pending != nullptr && !std::exchange(pending->completing, true)) {
        calls_.push({of, std::move(what), op});
    }
}

void instance_host::wake(gw_token of) {
    if (outside_.add_wake(of)) {
        boost::asio::post(with_.loop, [this] { drain_outside(); });
    }
}

void instance_host::report_misuse(gw_token of, const char* what) {
    if (outside_.add_misuse(of, what)) {
        boost::asio::post(with_.loop, [this] { drain_outside(); });
    }
}

void instance_host::drain_outside() {
    const auto [wakes, misuses] = outside_.take();
    for (const auto& [of, what] : misuses) {
        if (auto* about = at(key_of(of).slot); about != nullptr) {
            complain(*about, what);
        } else if (strangers_.admit(with_.time.now()).pass) {
            log::warning("a module broke the adapter contract", {{"slot", of.slot}, {"what", what}});
        }
    }
    for (const auto of : wakes) {
        auto* woken = find(key_of(of));
        if (woken != nullptr && woken->self != nullptr) {
            push(key_of(of), wake_call{});
        }
    }
}

}  // namespace gateway::instance
