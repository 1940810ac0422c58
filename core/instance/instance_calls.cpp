// instance_host's calls into modules: how each is made, and what becomes of one that throws or never returns.

#include "instance/abi_message.hpp"
#include "instance/abi_read.hpp"
#include "instance/host_api.hpp"
#include "instance/http_service.hpp"
#include "instance/inbound_service.hpp"
#include "instance/instance_host.hpp"
#include "instance/message_service.hpp"
#include "instance/websocket_service.hpp"
#include "log/log.hpp"
#include "loop/last_words.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

namespace gateway::instance {
namespace {

constexpr std::chrono::milliseconds slow_call{100};

template <typename... Cases>
struct overloaded : Cases... {
    using Cases::operator()...;
};

template <typename Table>
std::optional<Table> adapter_extension(const gw_adapter& adapter, const char* name) {
    return adapter.extension == nullptr ? std::nullopt
                                        : read_struct(static_cast<const Table*>(adapter.extension(name)));
}

// Exact to the kernel's tick, a few milliseconds, and for a fraction of what the exact time costs at each call.
std::chrono::nanoseconds coarse_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

template <typename Function>
bool instance_host::guarded(key to, record& of, const char* function, Function&& call_it) {
    running_ = {to, &of, function};
    std::string thrown;
    bool returned = false;
    const auto started = coarse_now();
    with_.guard.begin();
    const loop::last_words_call named(of.module_name.c_str(), of.spec->name.c_str(), function);
    try {
        call_it();
        returned = true;
    } catch (const std::exception& error) {
        thrown = error.what();
    } catch (...) {
        thrown = "an exception that is no std::exception";
    }
    with_.guard.end();
    const auto took = coarse_now() - started;
    running_ = {};
    if (took >= slow_call && !of.slow_reported) {
        of.slow_reported = true;
        log::warning("a call into the module took long and delayed every other instance",
                     {{"instance", of.spec->name},
                      {"module", of.module_name},
                      {"call", function},
                      {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took)}});
    }
    if (!returned) {
        on_exception(to, of, function, thrown);
    }
    return returned;
}

void instance_host::make(call& next) {
    if (auto* ended = std::get_if<destroy_call>(&next.what)) {
        make_destroy(next.to, std::move(ended->of));
        return;
    }
    auto* living = find(next.to);
    if (living == nullptr || living->phase == life::hung) {
        return;
    }
    auto& of = *living;
    if (of.self == nullptr && !std::holds_alternative<create_call>(next.what) &&
        !std::holds_alternative<close_call>(next.what)) {
        return;
    }
    if (next.completes) {
        of.forget(*next.completes);
    }
    const auto& table = *of.adapter;
    std::visit(
        overloaded{[&](create_call&) { make_create(next.to, of); },
                   [&](connect_call&) { guarded(next.to, of, "connect", [&] { table.connect(of.self); }); },
                   [&](settings_call& what) { make_settings(next.to, of, *what.spec); },
                   [&](refresh_call&) { make_refresh(next.to, of); },
                   [&](wake_call&) { make_plain(next.to, of, {GW_COMPLETION_WAKE, 0, GW_OK}); },
                   [&](close_call& what) {
                       if (of.self == nullptr ||
                           !guarded(next.to, of, "close", [&] { table.close(of.self, what.reason); })) {
                           to_.on_closed(next.to);
                       }
                   },
                   [](destroy_call&) {},
                   [&](deliver_call& what) {
                       if (of.phase == life::online) {
                           make_deliver(next.to, of, what.id);
                       }
                   },
                   [&](plain_call& what) { make_plain(next.to, of, what); },
                   [&](kv_call& what) {
                       const gw_kv_value value{{sizeof(gw_kv_value), GW_COMPLETION_KV, what.op, what.status, 0},
                                               what.status == GW_OK ? borrow_bytes(what.value) : gw_bytes{}};
                       guarded(next.to, of, "on_completion", [&] { table.on_completion(of.self, &value.base); });
                   },
                   [&](http_call& what) {
                       http_->with_response(what, [&](const gw_http_response& response) {
                           guarded(next.to, of, "on_completion", [&] { table.on_completion(of.self, &response.base); });
                       });
                   },
                   [&](websocket_call& what) {
                       websockets_->with_event(what, [&](const gw_ws_event& event) {
                           guarded(next.to, of, "on_completion", [&] { table.on_completion(of.self, &event.base); });
                       });
                   },
                   [&](inbound_call& what) {
                       inbound_->with_request(what, [&](const gw_inbound_request& request) {
                           guarded(next.to, of, "on_completion", [&] { table.on_completion(of.self, &request.base); });
                       });
                   }},
        next.what);
}

// Its turn has come: only now the plane lets go of it.
void instance_host::make_deliver(key to, record& of, std::uint64_t id) {
    const auto taken = with_.plane.take(static_cast<std::uint32_t>(to.slot), id);
    if (taken == nullptr) {
        return;
    }
    const borrowed_delivery delivery(*taken);
    guarded(to, of, "deliver", [&] { of.adapter->deliver(of.self, &delivery.get()); });
}

void instance_host::make_create(key to, record& of) {
    if (of.phase != life::creating) {
        return;  // told to close before its turn came
    }
    gw_config config{};
    config.struct_size = sizeof(config);
    config.name = borrow(of.spec->name);
    config.json = borrow(of.spec->json);
    gw_status status = GW_OK;
    void* self = nullptr;
    const bool returned = guarded(
        to, of, "create", [&] { status = of.adapter->create(host_api::table(), token_of(to), &config, &self); });
    if (!returned) {
        return;  // on_exception told the listener
    }
    if (status == GW_OK && self != nullptr) {
        of.self = self;
        of.create_error = {};
        if (of.phase == life::creating) {  // not told to close meanwhile
            of.phase = life::connecting;
            push(to, connect_call{});
        }
        return;
    }
    const bool configuration = status == GW_ERR_CONFIG;
    std::string text = "module " + of.module_name;
    if (status == GW_OK) {
        text += " created nothing although it said it had";
    } else {
        text += " cannot create this instance";
        text +=
            of.create_error.empty() ? " (status " + std::to_string(status) + ")" : ": " + well_formed(of.create_error);
    }
    const reconnect::failure why{
        configuration ? reconnect::failure_class::config : reconnect::failure_class::unsupported, "create",
        std::move(text)};
    forget(to);
    to_.on_create_failed(to, why);
}

void instance_host::make_settings(key to, record& of, const instance_spec& spec) {
    std::optional<gw_settings> settings;
    guarded(to, of, "extension", [&] { settings = adapter_extension<gw_settings>(*of.adapter, GW_EXT_SETTINGS); });
    if (!settings || settings->apply == nullptr) {
        return;
    }
    for (const auto& [chat, json] : spec.chats) {
        if (find(to) != &of || of.phase != life::online) {
            return;  // lost or closed by the call before
        }
        const bool returned =
            guarded(to, of, "settings", [&] { settings->apply(of.self, borrow(chat), borrow(json)); });
        if (!returned) {
            return;
        }
    }
}

void instance_host::make_refresh(key to, record& of) {
    std::optional<gw_directory> directory;
    guarded(to, of, "extension", [&] { directory = adapter_extension<gw_directory>(*of.adapter, GW_EXT_DIRECTORY); });
    if (directory && directory->refresh != nullptr && find(to) == &of) {
        guarded(to, of, "directory", [&] { directory->refresh(of.self); });
    }
}

void instance_host::make_destroy(key to, std::unique_ptr<record> of) {
    if (of->phase == life::hung) {
        lost_.push_back(std::move(of));  // a thread may still be in it, or the call would not return
        return;
    }
    auto& ended = *of;
    guarded(to, ended, "destroy", [&] { ended.adapter->destroy(ended.self); });
}

void instance_host::make_plain(key to, record& of, const plain_call& what) {
    const gw_completion completion{sizeof(gw_completion), what.kind, what.op, what.status, 0};
    guarded(to, of, "on_completion", [&] { of.adapter->on_completion(of.self, &completion); });
}

void instance_host::on_exception(key of, record& in, const char* function, const std::string& what) {
    log::error("an exception left the module; its instance is closed",
               {{"instance", in.spec->name}, {"module", in.module_name}, {"call", function}, {"exception", what}});
    reconnect::failure why{
        reconnect::failure_class::internal, "exception",
        "module " + in.module_name + " let an exception escape from " + function + ": " + well_formed(what)};
    if (in.phase == life::creating) {
        forget(of);
        to_.on_create_failed(of, why);
    } else if (in.phase != life::none) {
        report_lost(of, in, std::move(why));
    }
}

void instance_host::on_call_abandoned() {
    const auto [to, of, function] = std::exchange(running_, {});
    log::error("a call into the module did not return; its thread is lost and the host goes on without it",
               {{"instance", of->spec->name}, {"module", of->module_name}, {"call", function}});
    hangs_.add(of->spec->name, of->module_name, with_.time.now());
    drop_operations(to, *of);
    const reconnect::failure why{reconnect::failure_class::internal, "hang",
                                 "module " + of->module_name + " did not return from " + function};
    switch (std::exchange(of->phase, life::hung)) {
        case life::none:  // destroyed meanwhile: its record is on the lost thread's stack, or waits for `destroy`
            break;
        case life::creating:
            lost_.push_back(std::move(records_[reconnect::index_of(to.slot)]));
            to_.on_create_failed(to, why);
            break;
        case life::closing:
            to_.on_closed(to);
            break;
        case life::connecting:
        case life::online:
        case life::hung:
            report_lost(to, *of, why);
            break;
    }
    calls_.resume();
}

}  // namespace gateway::instance
