#include "instance/host_api.hpp"

#include "instance/abi_read.hpp"
#include "instance/http_service.hpp"
#include "instance/inbound_service.hpp"
#include "instance/instance_host.hpp"
#include "instance/message_service.hpp"
#include "instance/timer_service.hpp"
#include "instance/version.hpp"
#include "instance/websocket_service.hpp"
#include "log/log.hpp"
#include "loop/runner.hpp"
#include "message/utf8.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <sys/random.h>

namespace gateway::instance::host_api {
namespace {

std::atomic<instance_host*> active{nullptr};

constexpr std::size_t max_log_bytes = 4096;
constexpr std::uint64_t max_random_bytes = 4096;

// Checks who calls from where, then does the work within the host's scope of the running call.
// `use(instance_host&, record&)` answers the status.
template <typename Use>
gw_status serve(gw_token self, const char* wrong_thread, Use use) noexcept {
    auto* host = active.load(std::memory_order_acquire);
    if (host == nullptr) {
        return GW_ERR_STALE;
    }
    if (!loop::on_loop_thread()) {
        loop::park_if_lost();
        host->report_misuse(self, wrong_thread);
        return GW_ERR_WRONG_THREAD;
    }
    if (host->guard().running() == 0) {
        if (host->guard().is_lost_here()) {
            loop::call_guard::park();
        }
        host->report_misuse(self, "it uses a host function while the host is not calling it");
        return GW_ERR_OUTSIDE_CALL;
    }
    const loop::call_guard::host_scope in_host(host->guard());
    const auto whose = key_of(self);
    auto* of = host->find(whose);
    if (of == nullptr) {
        if (auto* speaker = host->find(host->running()); speaker != nullptr) {
            host->complain(*speaker, "it speaks for an incarnation that is over");
        }
        return GW_ERR_STALE;
    }
    if (host->running() != whose) {
        host->complain(*of, "a host function is used in its name during a call to another instance");
        return GW_ERR_OUTSIDE_CALL;
    }
    return use(*host, *of);
}

// `create` may only look around: no operation, no report.
template <typename Use>
gw_status serve_created(gw_token self, const char* wrong_thread, Use use) noexcept {
    return serve(self, wrong_thread, [&](instance_host& host, record& of) -> gw_status {
        if (of.self == nullptr) {
            host.complain(of, "it starts an operation or reports something from within create");
            return GW_ERR_OUTSIDE_CALL;
        }
        return use(host, of);
    });
}

template <typename Struct>
std::optional<Struct> read_or_complain(instance_host& host, record& of, const Struct* from, const char* what) {
    auto copy = read_struct(from);
    if (!copy) {
        host.complain(of, what);
    }
    return copy;
}

std::int64_t now_ms(gw_token self) noexcept {
    std::int64_t result = 0;
    (void)serve(self, "it asks for the time from a thread of its own", [&](instance_host& host, record&) {
        result =
            std::chrono::duration_cast<std::chrono::milliseconds>(host.with().time.now().time_since_epoch()).count();
        return GW_OK;
    });
    return result;
}

std::int64_t unix_ms(gw_token self) noexcept {
    std::int64_t result = 0;
    (void)serve(self, "it asks for the date from a thread of its own", [&](instance_host& host, record&) {
        result = host.with().time.unix_ms();
        return GW_OK;
    });
    return result;
}

gw_status connected(gw_token self, const gw_identity* who) noexcept {
    return serve_created(
        self, "it reports a connection from a thread of its own", [&](instance_host& host, record& of) {
            identity known;
            if (who != nullptr) {
                const auto read = read_or_complain(host, of, who, "gw_identity.struct_size is too small");
                if (!read || dangling(read->id) || dangling(read->name)) {
                    return GW_ERR_INVALID;
                }
                if (read->id.size > GW_MAX_ID_BYTES || read->name.size > GW_MAX_NAME_BYTES) {
                    host.complain(of, "its identity is longer than the ABI allows");
                    return GW_ERR_LIMIT;
                }
                known = {std::string(view(read->id)), std::string(view(read->name))};
                if (!message::is_utf8(known.id) || !message::is_utf8(known.name)) {
                    host.complain(of, "its identity is not valid UTF-8");
                    return GW_ERR_UTF8;
                }
            }
            return host.report_connected(key_of(self), of, known);
        });
}

gw_status lost(gw_token self, const gw_failure* why) noexcept {
    return serve_created(self, "it reports a failure from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, why, "gw_failure.struct_size is too small");
        if (!read || dangling(read->code) || dangling(read->text)) {
            return GW_ERR_INVALID;
        }
        return host.report_failure(key_of(self), of, *read);
    });
}

gw_status closed(gw_token self) noexcept {
    return serve_created(self, "it reports its close from a thread of its own",
                         [&](instance_host& host, record& of) { return host.report_closed(key_of(self), of); });
}

gw_status submit(gw_token self, const gw_batch* batch) noexcept {
    return serve_created(self, "it submits events from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, batch, "gw_batch.struct_size is too small");
        return read ? host.messages().submit(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

gw_status receipt(gw_token self, const gw_receipt* what) noexcept {
    return serve_created(self, "it reports a receipt from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, what, "gw_receipt.struct_size is too small");
        return read ? host.messages().receipt(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

gw_status cancel(gw_token self, std::uint64_t op) noexcept {
    return serve_created(self, "it cancels from a thread of its own",
                         [&](instance_host& host, record& of) -> gw_status {
                             const auto* pending = of.find(op);
                             if (pending == nullptr) {
                                 return GW_ERR_NOT_FOUND;
                             }
                             if (pending->completing) {
                                 return GW_OK;  // it completes with what it reached before
                             }
                             switch (pending->kind) {
                                 case operation_kind::timer:
                                     host.timers().cancel(key_of(self), *pending);
                                     return GW_OK;
                                 case operation_kind::http:
                                     host.http().cancel(*pending);
                                     return GW_OK;
                                 case operation_kind::websocket:
                                     host.websockets().cancel(key_of(self), *pending);
                                     return GW_OK;
                                 case operation_kind::inbound:
                                     host.inbound().cancel(key_of(self), *pending);
                                     return GW_OK;
                                 case operation_kind::kv:
                                 case operation_kind::commit:
                                     break;
                             }
                             return GW_ERR_UNSUPPORTED;
                         });
}

log::level level_of(std::int32_t level) {
    switch (level) {
        case GW_LOG_DEBUG:
            return log::level::debug;
        case GW_LOG_INFO:
            return log::level::info;
        case GW_LOG_WARNING:
            return log::level::warning;
        default:
            return log::level::error;
    }
}

gw_status write_log(gw_token self, std::int32_t level, gw_str text) noexcept {
    return serve(self, "it logs from a thread of its own", [&](instance_host& host, record& of) {
        if (dangling(text) || level < GW_LOG_DEBUG || level > GW_LOG_ERROR) {
            return GW_ERR_INVALID;
        }
        const auto severity = level_of(level);
        if (of.phase == life::creating && severity == log::level::error) {
            of.create_error.assign(message::utf8_prefix(view(text), GW_MAX_REASON_BYTES));
        }
        if (!log::enabled(severity)) {
            return GW_OK;
        }
        const auto verdict = of.log_lines.admit(host.with().time.now());
        if (verdict.suppressed != 0) {
            log::warning("lines of this instance were dropped, it logs too much",
                         {{"instance", of.spec->name}, {"module", of.module_name}, {"lines", verdict.suppressed}});
        }
        if (!verdict.pass) {
            return GW_ERR_LIMIT;
        }
        log::log(severity, message::utf8_prefix(view(text), max_log_bytes), {{"instance", of.spec->name}});
        return GW_OK;
    });
}

gw_status wake(gw_token self) noexcept {
    auto* host = active.load(std::memory_order_acquire);
    if (host == nullptr) {
        return GW_ERR_STALE;
    }
    host->wake(self);
    return GW_OK;
}

gw_status timer_start(gw_token self, std::uint64_t op, std::int64_t delay_ms) noexcept {
    return serve_created(self, "it starts a timer from a thread of its own", [&](instance_host& host, record& of) {
        return host.timers().start(key_of(self), of, op, delay_ms);
    });
}

gw_status random_fill(gw_token self, std::uint8_t* ret_bytes, std::uint64_t size) noexcept {
    return serve(self, "it asks for randomness from a thread of its own", [&](instance_host&, record&) {
        if (size > max_random_bytes) {
            return GW_ERR_LIMIT;
        }
        if (ret_bytes == nullptr && size != 0) {
            return GW_ERR_INVALID;
        }
        for (std::uint64_t have = 0; have < size;) {
            const auto got = ::getrandom(ret_bytes + have, size - have, 0);
            if (got < 0) {
                return GW_ERR_IO;
            }
            have += static_cast<std::uint64_t>(got);
        }
        return GW_OK;
    });
}

gw_status kv_get(gw_token self, std::uint64_t op, gw_str name) noexcept {
    return serve_created(self, "it reads a key from a thread of its own", [&](instance_host& host, record& of) {
        return host.messages().kv_get(key_of(self), of, op, name);
    });
}

gw_status http_request(gw_token self, const gw_http_request* request) noexcept {
    return serve_created(self, "it starts a request from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, request, "gw_http_request.struct_size is too small");
        return read ? host.http().start(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

gw_status ws_open(gw_token self, const gw_ws_request* request) noexcept {
    return serve_created(self, "it opens a WebSocket from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, request, "gw_ws_request.struct_size is too small");
        return read ? host.websockets().open(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

gw_status ws_send(gw_token self, std::uint64_t op, std::int32_t event, gw_bytes data) noexcept {
    return serve_created(self, "it sends on a WebSocket from a thread of its own",
                         [&](instance_host& host, record& of) { return host.websockets().send(of, op, event, data); });
}

gw_status ws_close(gw_token self, std::uint64_t op, std::int32_t code, gw_str reason) noexcept {
    return serve_created(self, "it closes a WebSocket from a thread of its own", [&](instance_host& host, record& of) {
        return host.websockets().close(of, op, code, reason);
    });
}

gw_status inbound_listen(gw_token self, const gw_inbound_route* route) noexcept {
    return serve_created(self, "it listens from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, route, "gw_inbound_route.struct_size is too small");
        return read ? host.inbound().listen(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

gw_status inbound_respond(gw_token self, const gw_inbound_response* response) noexcept {
    return serve_created(self, "it answers a request from a thread of its own", [&](instance_host& host, record& of) {
        const auto read = read_or_complain(host, of, response, "gw_inbound_response.struct_size is too small");
        return read ? host.inbound().respond(key_of(self), of, *read) : GW_ERR_INVALID;
    });
}

constexpr gw_timer timer_table{sizeof(gw_timer), 0, timer_start};
constexpr gw_random random_table{sizeof(gw_random), 0, random_fill};
constexpr gw_kv kv_table{sizeof(gw_kv), 0, kv_get};
constexpr gw_http http_table{sizeof(gw_http), 0, http_request};
constexpr gw_websocket websocket_table{sizeof(gw_websocket), 0, ws_open, ws_send, ws_close};
constexpr gw_inbound inbound_table{sizeof(gw_inbound), 0, inbound_listen, inbound_respond};

struct extension_entry {
    const char* name;
    const void* functions;
};
constexpr std::array<extension_entry, 6> offered{{{GW_EXT_TIMER, &timer_table},
                                                  {GW_EXT_RANDOM, &random_table},
                                                  {GW_EXT_KV, &kv_table},
                                                  {GW_EXT_HTTP, &http_table},
                                                  {GW_EXT_WEBSOCKET, &websocket_table},
                                                  {GW_EXT_INBOUND, &inbound_table}}};

const void* extension(gw_token, const char* name) noexcept {
    if (name == nullptr) {
        return nullptr;
    }
    for (const auto& each : offered) {
        if (std::strcmp(each.name, name) == 0) {
            return each.functions;
        }
    }
    return nullptr;
}

constexpr gw_host host_table{sizeof(gw_host), GW_ABI_MINOR, {host_version.data(), host_version.size()},
                             now_ms,          unix_ms,      extension,
                             connected,       lost,         closed,
                             submit,          receipt,      cancel,
                             write_log,       wake};

}  // namespace

const gw_host* table() {
    return &host_table;
}

const std::set<std::string, std::less<>>& extensions() {
    static const auto names = [] {
        std::set<std::string, std::less<>> all;
        for (const auto& each : offered) {
            all.insert(each.name);
        }
        return all;
    }();
    return names;
}

void activate(instance_host* host) {
    active.store(host, std::memory_order_release);
}

}  // namespace gateway::instance::host_api
