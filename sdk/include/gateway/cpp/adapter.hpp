// The base class of an adapter: one object is one incarnation of one instance.
//
//     create (the constructor) ─▶ connect ─▶ (deliver | callbacks)* ─▶ close ─▶ (callbacks)* ─▶ destroy (the
//     destructor)
//
// All calls to one object are serialised and never re-entrant. An exception that leaves one of them ends the
// incarnation with the failure class `internal`, code "exception" and its what(), which must hold no secret. See
// gateway/adapter.h.
#pragma once

#include <gateway/adapter.h>
#include <gateway/cpp/delivery.hpp>
#include <gateway/cpp/files.hpp>
#include <gateway/cpp/host.hpp>

#include <cstdint>
#include <string_view>

namespace gateway::sdk {

namespace detail {
template <typename Adapter>
struct entry;
}

// What an adapter is constructed from; the texts are valid until the constructor returns.
struct setup {
    const gw_host* host;
    gw_token self;
    std::string_view name;    // of the instance, as in [adapters.NAME]
    std::string_view config;  // its table as a JSON object, valid against the manifest's schema; may hold secrets
};

enum class close_reason : std::int32_t {
    reconnect = GW_CLOSE_RECONNECT,  // a fresh incarnation follows: leave the platform's session resumable
    stop = GW_CLOSE_STOP,            // the host stops: likewise
    end = GW_CLOSE_END               // paused or removed: end the platform's session
};

class adapter {
public:
    adapter(const adapter&) = delete;
    adapter& operator=(const adapter&) = delete;
    virtual ~adapter() = default;

    // Starts connecting; answer with host().connected or host().lost.
    virtual void connect() = 0;
    // Sends a message, or whatever else `what.kind` says of those kinds that the manifest's capabilities name; answer
    // with one host().receipt, now or later (typing: none). Only while online.
    virtual void deliver(const delivery_view& what) = 0;
    // Says goodbye to the platform; answer with host().closed, now or soon.
    virtual void close([[maybe_unused]] close_reason why) { host().closed(); }
    // A thread of the adapter's own called waker::wake; several wakes may become one call.
    virtual void on_wake() {}

    [[nodiscard]] host_handle& host() noexcept { return host_; }

protected:
    // The constructor does no I/O; only host().now, unix_ms and log work in it. It throws config_error for a table it
    // cannot use.
    explicit adapter(const setup& from) : host_(from.host, from.self) {}

private:
    template <typename Adapter>
    friend struct detail::entry;

    host_handle host_;
    bool closing_ = false;
};

// Optional abilities: derive from them beside `adapter`, and GATEWAY_ADAPTER tells the host.

// Per-chat settings, [adapters.NAME.chats."CHAT"]: see gateway/ext/settings.h.
class with_settings {
public:
    // Each time the instance has come online, for each configured chat; `json` is its table as an object.
    virtual void apply_settings(std::string_view chat, std::string_view json) = 0;

protected:
    ~with_settings() = default;
};

// The chat directory: see gateway/ext/directory.h.
class with_directory {
public:
    // Submit batch::add_chat for every chat the account knows by itself; each time the instance has come online.
    virtual void refresh_directory() = 0;

protected:
    ~with_directory() = default;
};

// Files of its platform for others: see gateway/ext/files.h.
class with_files {
public:
    // Get it to `what.path` and answer with host().fetched, now or later. Only while online.
    virtual void fetch_file(const fetch_view& what) = 0;

protected:
    ~with_files() = default;
};

}  // namespace gateway::sdk
