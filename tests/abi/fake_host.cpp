#include "abi/fake_host.hpp"

#include <gateway/cpp/borrowed.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace gateway::test {
namespace {

fake_host* current = nullptr;

void demand(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "fake_host: %s\n", what);
        std::abort();
    }
}

std::string text(gw_str from) {
    return std::string(sdk::view(from));
}

said_event event_of(const gw_event& raw) {
    demand((raw.message != nullptr) == (raw.kind != GW_EVENT_CHAT), "an event of any other kind has a message");
    demand((raw.chat != nullptr) == (raw.kind == GW_EVENT_CHAT), "an event of kind chat has one");
    said_event event{.kind = raw.kind, .dedupe_id = text(raw.dedupe_id)};
    if (raw.message != nullptr) {
        const auto message = sdk::read_struct<gw_message>(raw.message);
        event.id = text(message.id);
        event.chat = text(message.chat);
        event.thread = text(message.thread);
        event.reply_to = text(message.reply_to);
        event.text = text(message.text);
        event.extra = text(message.extra);
        if (message.sender != nullptr) {
            event.sender = text(message.sender->id);
            event.sender_flags = message.sender->flags;
        }
    }
    if (raw.chat != nullptr) {
        event.id = text(raw.chat->id);
        event.text = text(raw.chat->title);
    }
    return event;
}

}  // namespace

struct host_functions {
    static std::int64_t now(gw_token) { return current->now_ms; }
    static std::int64_t unix_time(gw_token) { return current->unix_ms; }

    static const void* extension(gw_token, const char* name) {
        static const gw_http http{sizeof(gw_http), 0, &request};
        static const gw_websocket websocket{sizeof(gw_websocket), 0, &open, &send, &close};
        static const gw_kv kv{sizeof(gw_kv), 0, &get};
        static const gw_random random{sizeof(gw_random), 0, &fill};
        static const gw_files files{sizeof(gw_files), 0, &get_file, &fetched};
        const std::string wanted = name;
        if (current->missing.contains(wanted)) {
            return nullptr;
        }
        return wanted == GW_EXT_HTTP        ? static_cast<const void*>(&http)
               : wanted == GW_EXT_WEBSOCKET ? static_cast<const void*>(&websocket)
               : wanted == GW_EXT_KV        ? static_cast<const void*>(&kv)
               : wanted == GW_EXT_RANDOM    ? static_cast<const void*>(&random)
               : wanted == GW_EXT_FILES     ? static_cast<const void*>(&files)
               : wanted == GW_EXT_TIMER     ? static_cast<const void*>(&current->timer)
                                            : nullptr;
    }

    static gw_status connected(gw_token self, const gw_identity* who) {
        const gw_status status = current->may(self, "connected");
        if (status == GW_OK) {
            current->connected = who != nullptr ? text(who->id) : "";
        }
        return status;
    }

    static gw_status lost(gw_token self, const gw_failure* why) {
        const gw_status status = current->may(self, "lost");
        current->lost.push_back({why->failure_class, text(why->code), text(why->text), why->retry_after_ms});
        return status;
    }

    static gw_status closed(gw_token self) {
        ++current->closed;
        return current->may(self, "closed");
    }

    static gw_status submit(gw_token self, const gw_batch* batch) {
        const gw_status status = current->may(self, "submit");
        if (status != GW_OK) {
            return status;
        }
        said_batch said;
        for (const gw_event& event : sdk::struct_range<gw_event>(batch->events)) {
            said.events.push_back(event_of(event));
        }
        for (const gw_kv_write& write : sdk::struct_range<gw_kv_write>(batch->writes)) {
            auto value =
                write.value.data == nullptr ? std::nullopt : std::optional(std::string(sdk::view(write.value)));
            if (value) {
                current->kv[text(write.key)] = *value;
            } else {
                current->kv.erase(text(write.key));
            }
            said.writes[text(write.key)] = std::move(value);
        }
        current->submitted.push_back(said);
        current->uncommitted_[batch->op] = std::move(said);
        current->operations.push_back({batch->op, GW_COMPLETION_COMMIT, 0, {}});
        return GW_OK;
    }

    static gw_status receipt(gw_token self, const gw_receipt* raw) {
        const gw_status status = current->may(self, "receipt");
        if (status == GW_OK) {
            said_receipt& said = current->receipts.emplace_back();
            said = {raw->delivery, raw->outcome, {}, text(raw->code), raw->retry_after_ms, raw->scope};
            const auto* ids = static_cast<const gw_str*>(raw->message_ids.items);
            for (std::uint32_t i = 0; i < raw->message_ids.count; ++i) {
                said.message_ids.push_back(text(ids[i]));
            }
        }
        return status;
    }

    static gw_status get_file(gw_token self, const gw_file_request* raw) {
        return begin(self, "get_file", {raw->op, GW_COMPLETION_FILE, 0, text(raw->source) + " " + text(raw->id)});
    }
    static gw_status fetched(gw_token self, const gw_fetched* raw) {
        const gw_status status = current->may(self, "fetched");
        if (status == GW_OK) {
            current->fetched.push_back({raw->fetch, raw->status, text(raw->code), text(raw->text)});
        }
        return status;
    }

    static gw_status cancel(gw_token self, std::uint64_t op) {
        current->cancelled.push_back(op);
        return current->may(self, "cancel");
    }

    static gw_status log(gw_token, std::int32_t, gw_str line) {
        current->log.push_back(text(line));
        return GW_OK;
    }

    static gw_status wake(gw_token) { return GW_OK; }

    static gw_status begin(gw_token self, const char* function, pending_op op) {
        const gw_status status = current->may(self, function);
        if (status == GW_OK) {
            current->operations.push_back(std::move(op));
        }
        return status;
    }

    static gw_status request(gw_token self, const gw_http_request* raw) {
        return begin(self, "http",
                     {raw->op, GW_COMPLETION_HTTP, 0, text(raw->method) + " " + text(raw->url), raw->version});
    }
    static gw_status open(gw_token self, const gw_ws_request* raw) {
        return begin(self, "websocket", {raw->op, GW_COMPLETION_WS, 0, text(raw->url)});
    }
    static gw_status send(gw_token self, std::uint64_t, std::int32_t, gw_bytes) { return current->may(self, "send"); }
    static gw_status close(gw_token self, std::uint64_t, std::int32_t, gw_str) { return current->may(self, "close"); }
    static gw_status start(gw_token self, std::uint64_t op, std::int64_t delay_ms) {
        return begin(self, "timer", {op, GW_COMPLETION_TIMER, current->now_ms + delay_ms, {}});
    }
    static gw_status get(gw_token self, std::uint64_t op, gw_str key) {
        const auto found = current->kv.find(text(key));
        current->reads_[op] = found == current->kv.end() ? std::nullopt : std::optional(found->second);
        return begin(self, "kv", {op, GW_COMPLETION_KV, 0, text(key)});
    }
    static gw_status fill(gw_token self, std::uint8_t* ret, std::uint64_t size) {
        std::memset(ret, 0x5a, size);
        return current->may(self, "random");
    }
};

fake_host::fake_host(const gw_adapter& module) : module_(module) {
    demand(current == nullptr, "one fake host at a time");
    current = this;
    table = {.struct_size = sizeof(gw_host),
             .abi_minor = GW_ABI_MINOR,
             .version = sdk::to_gw("0.0.0-test"),
             .now_ms = &host_functions::now,
             .unix_ms = &host_functions::unix_time,
             .extension = &host_functions::extension,
             .connected = &host_functions::connected,
             .lost = &host_functions::lost,
             .closed = &host_functions::closed,
             .submit = &host_functions::submit,
             .receipt = &host_functions::receipt,
             .cancel = &host_functions::cancel,
             .log = &host_functions::log,
             .wake = &host_functions::wake};
    timer = {sizeof(gw_timer), 0, &host_functions::start};
}

fake_host::~fake_host() {
    destroy();
    current = nullptr;
}

template <typename Call>
void fake_host::within(Call call) {
    demand(!in_call_, "calls to an instance do not nest");
    in_call_ = true;
    call();
    in_call_ = false;
}

gw_status fake_host::may(gw_token self, const char* function) {
    if (!in_call_) {
        return GW_ERR_OUTSIDE_CALL;
    }
    if (dead || self.slot != token_.slot || self.incarnation != token_.incarnation) {
        return GW_ERR_STALE;
    }
    auto& coming = answers[function];
    if (coming.empty()) {
        return GW_OK;
    }
    const gw_status next = coming.front();
    coming.pop_front();
    return next;
}

gw_status fake_host::create(std::string_view config, std::string_view name) {
    destroy();
    ++token_.incarnation;
    connected.reset();
    lost.clear();
    closed = 0;
    // Copies that die with this call: what an instance keeps of them shows under the address sanitizer.
    const auto json = std::make_unique<std::string>(config);
    const auto named = std::make_unique<std::string>(name);
    const gw_config given{sizeof(gw_config), 0, sdk::to_gw(*named), sdk::to_gw(*json)};
    gw_status status = GW_OK;
    within([&] { status = module_.create(&table, token_, &given, &self_); });
    return status;
}

void fake_host::connect() {
    within([&] { module_.connect(self_); });
}

void fake_host::deliver(std::uint64_t id, std::string_view chat, std::string_view said, std::string_view message_id,
                        std::uint32_t flags) {
    const auto copy = std::make_unique<std::string>(said);
    const gw_message message{.struct_size = sizeof(gw_message),
                             .flags = 0,
                             .id = sdk::to_gw(message_id),
                             .chat = sdk::to_gw(chat),
                             .thread = sdk::to_gw("7"),
                             .reply_to = {},
                             .text = sdk::to_gw(*copy),
                             .sender = nullptr,
                             .time_ms = 0,
                             .extra = {},
                             .attachments = {},
                             .buttons = {},
                             .quote = nullptr,
                             .forwarded_from = nullptr};
    deliver(gw_delivery{sizeof(gw_delivery), GW_DELIVERY_MESSAGE, id, flags, 1, &message, {}});
}

void fake_host::deliver(const gw_delivery& raw) {
    within([&] { module_.deliver(self_, &raw); });
}

void fake_host::complete(const gw_completion& raw) {
    within([&] { module_.on_completion(self_, &raw); });
}

void fake_host::close(std::int32_t reason) {
    within([&] { module_.close(self_, reason); });
}

void fake_host::destroy() {
    if (self_ != nullptr) {
        within([&] { module_.destroy(self_); });
        self_ = nullptr;
        operations.clear();
        uncommitted_.clear();
        reads_.clear();
    }
}

void fake_host::apply_settings(std::string_view chat, std::string_view json) {
    const auto* ability = static_cast<const gw_settings*>(module_extension(GW_EXT_SETTINGS));
    within([&] { ability->apply(self_, sdk::to_gw(chat), sdk::to_gw(json)); });
}

void fake_host::refresh_directory() {
    const auto* ability = static_cast<const gw_directory*>(module_extension(GW_EXT_DIRECTORY));
    within([&] { ability->refresh(self_); });
}

void fake_host::fetch(std::uint64_t id, std::string_view file, std::string_view path, std::int64_t max_size) {
    const auto* ability = static_cast<const gw_file_source*>(module_extension(GW_EXT_FILE_SOURCE));
    const gw_fetch wanted{sizeof(gw_fetch), 0, id, sdk::to_gw(file), sdk::to_gw(path), max_size};
    within([&] { ability->fetch(self_, &wanted); });
}

const pending_op* fake_host::pending(std::int32_t kind) const {
    const auto found =
        std::find_if(operations.begin(), operations.end(), [kind](const auto& o) { return o.kind == kind; });
    return found == operations.end() ? nullptr : &*found;
}

std::size_t fake_host::pending_count(std::int32_t kind) const {
    return static_cast<std::size_t>(
        std::count_if(operations.begin(), operations.end(), [kind](const auto& o) { return o.kind == kind; }));
}

void fake_host::finish(const pending_op& op, gw_status status) {
    const gw_completion base{sizeof(gw_completion), op.kind, op.op, status, 0};
    if (op.kind == GW_COMPLETION_COMMIT) {
        auto batch = uncommitted_.extract(op.op);
        if (status == GW_OK) {
            for (said_event& event : batch.mapped().events) {
                if (event.dedupe_id.empty() || known_.insert(event.dedupe_id).second) {
                    journal.push_back(std::move(event));
                }
            }
        }
        complete(base);
    } else if (op.kind == GW_COMPLETION_KV) {
        const auto read = reads_.extract(op.op);
        gw_kv_value value{base, {}};
        value.base.struct_size = sizeof value;
        const std::string stored = read.mapped().value_or("");
        if (status == GW_OK) {
            value.base.status = read.mapped() ? GW_OK : GW_ERR_NOT_FOUND;
            value.value = sdk::to_gw_bytes(stored);
        }
        complete(value.base);
    } else if (op.kind == GW_COMPLETION_HTTP) {
        gw_http_response response{};
        response.base = base;
        response.base.struct_size = sizeof response;
        complete(response.base);
    } else {
        complete(base);
    }
}

bool fake_host::complete_next(std::int32_t kind, gw_status status) {
    const auto found =
        std::find_if(operations.begin(), operations.end(), [kind](const auto& o) { return o.kind == kind; });
    if (found == operations.end()) {
        return false;
    }
    const pending_op op = std::move(*found);
    operations.erase(found);
    finish(op, status);
    return true;
}

void fake_host::settle() {
    while (complete_next(GW_COMPLETION_COMMIT) || complete_next(GW_COMPLETION_KV)) {
    }
}

void fake_host::advance(std::int64_t ms) {
    const std::int64_t until = now_ms + ms;
    settle();
    while (true) {
        const auto next = std::min_element(operations.begin(), operations.end(), [](const auto& a, const auto& b) {
            const auto due = [](const pending_op& op) {
                return op.kind == GW_COMPLETION_TIMER ? op.due_ms : INT64_MAX;
            };
            return due(a) < due(b);
        });
        if (next == operations.end() || next->kind != GW_COMPLETION_TIMER || next->due_ms > until) {
            break;
        }
        const pending_op op = std::move(*next);
        operations.erase(next);
        unix_ms += op.due_ms - now_ms;
        now_ms = op.due_ms;
        finish(op, GW_OK);
        settle();
    }
    unix_ms += until - now_ms;
    now_ms = until;
}

}  // namespace gateway::test
