// The function bodies of host_handle; include host.hpp instead.
#pragma once

#include <gateway/cpp/host.hpp>

namespace gateway::sdk {

template <typename Table>
const Table& host_handle::extension(const char* name) const {
    const auto* table = static_cast<const Table*>(host_->extension(self_, name));
    if (table == nullptr || table->struct_size < sizeof(Table)) {
        throw refused(name, status::unsupported);
    }
    return *table;
}

// The callback is in the table before the host knows of the operation, so that running out of memory loses nothing.
template <typename Start>
op_id host_handle::start(const char* function, std::int32_t kind, op_table::completion_callback call, Start start) {
    const op_id op = ops_.add(kind, std::move(call));
    const status result{start(static_cast<std::uint64_t>(op))};
    if (result == status::ok) {
        return op;
    }
    ops_.forget(op);
    if (result != status::stale) {
        throw refused(function, result);
    }
    return op_id::none;
}

template <std::invocable<> Callback>
op_id host_handle::timer(std::chrono::milliseconds delay, Callback on_due) {
    const auto& table = extension<gw_timer>(GW_EXT_TIMER);
    return start(
        "timer", GW_COMPLETION_TIMER,
        [on_due = std::move(on_due)](const gw_completion& completion) mutable {
            if (completion.status == GW_OK) {
                on_due();
            }
        },
        [&](std::uint64_t op) { return table.start(self_, op, delay.count()); });
}

template <std::invocable<const kv_value&> Callback>
op_id host_handle::kv_get(std::string_view key, Callback on_value) {
    const auto& table = extension<gw_kv>(GW_EXT_KV);
    return start(
        "kv_get", GW_COMPLETION_KV,
        [on_value = std::move(on_value)](const gw_completion& completion) mutable {
            const auto raw = read_struct<gw_kv_value>(&completion, completion.struct_size);
            on_value(kv_value{status{raw.base.status}, view(raw.value)});
        },
        [&](std::uint64_t op) { return table.get(self_, op, to_gw(key)); });
}

template <std::invocable<const http_response&> Callback>
op_id host_handle::http(const http_request& what, Callback on_response) {
    return start_http(what, [on_response = std::move(on_response)](const gw_completion& completion) mutable {
        on_response(http_response::from(completion));
    });
}

template <std::invocable<const websocket_event&> Callback>
op_id host_handle::websocket(const websocket_request& what, Callback on_event) {
    return start_websocket(what, [on_event = std::move(on_event)](const gw_completion& completion) mutable {
        on_event(websocket_event::from(completion));
    });
}

template <std::invocable<const file&> Callback>
op_id host_handle::get_file(std::string_view source, std::string_view id, std::int64_t max_size, Callback on_file) {
    const auto& table = extension<gw_files>(GW_EXT_FILES);
    gw_file_request raw{sizeof(gw_file_request), 0, 0, to_gw(source), to_gw(id), max_size};
    return start(
        "get_file", GW_COMPLETION_FILE,
        [on_file = std::move(on_file)](const gw_completion& completion) mutable { on_file(file::from(completion)); },
        [&](std::uint64_t op) {
            raw.op = op;
            return table.get(self_, &raw);
        });
}

template <std::invocable<const inbound_request&> Callback>
op_id host_handle::listen(const inbound_route& where, Callback on_request, status& ret_result) {
    const auto* table = static_cast<const gw_inbound*>(host_->extension(self_, GW_EXT_INBOUND));
    if (table == nullptr || table->struct_size < sizeof(gw_inbound)) {
        ret_result = status::unsupported;
        return op_id::none;
    }
    const op_id op =
        ops_.add(GW_COMPLETION_INBOUND, [on_request = std::move(on_request)](const gw_completion& completion) mutable {
            on_request(inbound_request::from(completion));
        });
    const gw_inbound_route raw{.struct_size = sizeof(gw_inbound_route),
                               .flags = 0,
                               .op = static_cast<std::uint64_t>(op),
                               .path = to_gw(where.path),
                               .secret_header = to_gw(where.secret_header),
                               .secret = to_gw(where.secret),
                               .max_body_bytes = where.max_body_bytes,
                               .respond_timeout_ms = where.respond_timeout.count()};
    ret_result = status{table->listen(self_, &raw)};
    if (ret_result == status::ok) {
        return op;
    }
    ops_.forget(op);
    if (ret_result != status::unsupported && ret_result != status::duplicate && ret_result != status::stale) {
        throw refused("listen", ret_result);
    }
    return op_id::none;
}

inline bool host_handle::respond(inbound_id which, const inbound_response& what) {
    const auto& table = extension<gw_inbound>(GW_EXT_INBOUND);
    const std::vector<gw_http_header> headers = to_gw_headers(what.headers);
    const gw_inbound_response raw{.struct_size = sizeof(gw_inbound_response),
                                  .http_status = what.http_status,
                                  .request = static_cast<std::uint64_t>(which),
                                  .headers = to_gw_array(headers),
                                  .body = to_gw_bytes(what.body)};
    const status result{table.respond(self_, &raw)};
    if (result != status::ok && result != status::not_found && result != status::stale) {
        throw refused("respond", result);
    }
    return result == status::ok;
}

inline bool host_handle::fetched(fetch_id which, status result, std::string_view code, std::string_view text) {
    const gw_fetched raw{.struct_size = sizeof(gw_fetched),
                         .status = static_cast<gw_status>(result),
                         .fetch = static_cast<std::uint64_t>(which),
                         .code = to_gw(code),
                         .text = to_gw(text)};
    const status taken{extension<gw_files>(GW_EXT_FILES).fetched(self_, &raw)};
    if (taken != status::ok && taken != status::not_found && taken != status::stale) {
        throw refused("fetched", taken);
    }
    return taken == status::ok;
}

template <std::invocable<status> Callback>
status host_handle::submit(const batch& what, Callback on_commit) {
    return start_submit(what, [on_commit = std::move(on_commit)](const gw_completion& completion) mutable {
        on_commit(status{completion.status});
    });
}

inline status host_handle::start_submit(const batch& what, op_table::completion_callback call) {
    const op_id op = ops_.add(GW_COMPLETION_COMMIT, std::move(call));
    const gw_batch raw = what.to_gw(op);
    const status result{host_->submit(self_, &raw)};
    if (result == status::ok) {
        return result;
    }
    ops_.forget(op);
    if (result != status::busy && result != status::stale) {
        throw refused("submit", result);
    }
    return result;
}

inline op_id host_handle::start_http(const http_request& what, op_table::completion_callback call) {
    const auto& table = extension<gw_http>(GW_EXT_HTTP);
    const std::vector<gw_http_header> headers = to_gw_headers(what.headers);
    const std::vector<gw_http_field> form = to_gw_fields(what.form);
    gw_http_request raw{.struct_size = sizeof(gw_http_request),
                        .version = static_cast<std::int32_t>(what.version),
                        .op = 0,
                        .method = to_gw(what.method),
                        .url = to_gw(what.url),
                        .headers = to_gw_array(headers),
                        .body = to_gw_bytes(what.body),
                        .upload_path = to_gw(what.upload_path),
                        .download_path = to_gw(what.download_path),
                        .connect_timeout_ms = what.connect_timeout.count(),
                        .idle_timeout_ms = what.idle_timeout.count(),
                        .total_timeout_ms = what.total_timeout.count(),
                        .max_body_bytes = what.max_body_bytes,
                        .form = to_gw_array(form)};
    return start("http", GW_COMPLETION_HTTP, std::move(call), [&](std::uint64_t op) {
        raw.op = op;
        return table.request(self_, &raw);
    });
}

inline op_id host_handle::start_websocket(const websocket_request& what, op_table::completion_callback call) {
    const auto& table = extension<gw_websocket>(GW_EXT_WEBSOCKET);
    const std::vector<gw_http_header> headers = to_gw_headers(what.headers);
    gw_ws_request raw{.struct_size = sizeof(gw_ws_request),
                      .flags = 0,
                      .op = 0,
                      .url = to_gw(what.url),
                      .headers = to_gw_array(headers),
                      .open_timeout_ms = what.open_timeout.count(),
                      .ping_interval_ms = what.ping_interval.count(),
                      .max_message_bytes = what.max_message_bytes};
    return start("websocket", GW_COMPLETION_WS, std::move(call), [&](std::uint64_t op) {
        raw.op = op;
        return table.open(self_, &raw);
    });
}

inline status host_handle::send(op_id websocket, std::int32_t event, std::string_view data) {
    const auto& table = extension<gw_websocket>(GW_EXT_WEBSOCKET);
    const status result{table.send(self_, static_cast<std::uint64_t>(websocket), event, to_gw_bytes(data))};
    if (result != status::ok && result != status::busy && result != status::not_found && result != status::stale) {
        throw refused("send", result);
    }
    return result;
}

inline void host_handle::close_websocket(op_id websocket, int code, std::string_view reason) {
    const auto& table = extension<gw_websocket>(GW_EXT_WEBSOCKET);
    const status result{table.close(self_, static_cast<std::uint64_t>(websocket), code, to_gw(reason))};
    if (result != status::ok && result != status::not_found && result != status::stale) {
        throw refused("close_websocket", result);
    }
}

inline void host_handle::connected(std::string_view id, std::string_view name) {
    const gw_identity who{sizeof(gw_identity), 0, to_gw(id), to_gw(name)};
    const status result{host_->connected(self_, &who)};
    if (result != status::ok && result != status::duplicate && result != status::stale) {
        throw refused("connected", result);
    }
}

inline void host_handle::lost(const failure& why) {
    const gw_failure raw{.struct_size = sizeof(gw_failure),
                         .failure_class = static_cast<std::int32_t>(why.cls),
                         .code = to_gw(why.code),
                         .text = to_gw(why.text),
                         .retry_after_ms = why.retry_after ? why.retry_after->count() : GW_NO_RETRY_AFTER};
    const status result{host_->lost(self_, &raw)};
    if (result != status::ok && result != status::duplicate && result != status::stale) {
        throw refused("lost", result);
    }
}

inline bool host_handle::receipt(const sdk::receipt& what) {
    std::vector<gw_str> ids;
    ids.reserve(what.message_ids.size());
    for (const std::string& id : what.message_ids) {
        ids.push_back(to_gw(id));
    }
    const gw_receipt raw{.struct_size = sizeof(gw_receipt),
                         .outcome = static_cast<std::int32_t>(what.outcome),
                         .delivery = static_cast<std::uint64_t>(what.delivery),
                         .message_ids = to_gw_array(ids),
                         .code = to_gw(what.code),
                         .text = to_gw(what.text),
                         .retry_after_ms = what.retry_after.count(),
                         .scope = static_cast<std::int32_t>(what.scope),
                         .calls = what.calls};
    const status result{host_->receipt(self_, &raw)};
    if (result != status::ok && result != status::not_found && result != status::stale) {
        throw refused("receipt", result);
    }
    return result == status::ok;
}

inline void host_handle::cancel(op_id op) {
    const std::int32_t kind = ops_.kind(op);
    if (kind == 0 || kind == GW_COMPLETION_COMMIT) {
        return;
    }
    if (kind == GW_COMPLETION_TIMER) {
        ops_.forget(op);
    }
    host_->cancel(self_, static_cast<std::uint64_t>(op));
}

inline void host_handle::random(std::span<std::uint8_t> ret) const {
    const status result{extension<gw_random>(GW_EXT_RANDOM).fill(self_, ret.data(), ret.size())};
    if (result != status::ok) {
        throw refused("random", result);
    }
}

}  // namespace gateway::sdk
