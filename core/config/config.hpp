// The configuration as plain, checked values.
//
// `load_file` reads gateway.toml, resolves its secrets and checks everything that can be checked without the modules;
// what a module's schema says about its instances' tables is checked with schema.hpp, when the module is known. All
// mistakes of a file are collected, except that bad syntax hides all others (a second definition does not).
//
// A mistake within [adapters.NAME], a missing secret among them, is that instance's and stands in its `mistakes`: it
// fails, the others run. Any other mistake refuses the file.
//
// Blocking (files are read), no state, any thread. Errors are complaints, never exceptions. Bounds: a file of 16 MiB,
// 65,536 instances, 65,536 routes, 1,024 patterns or addresses per route, keys of 32 parts, 32 nested values.
#pragma once

#include "config/complaint.hpp"
#include "config/environment.hpp"
#include "config/names.hpp"
#include "log/log.hpp"
#include "reconnect/policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

inline constexpr std::size_t max_file_bytes = std::size_t{16} << 20U;
inline constexpr std::size_t max_instances = 65'536;
inline constexpr std::size_t max_routes = 65'536;
inline constexpr std::size_t max_route_addresses = 1'024;
inline constexpr std::size_t max_chats = 65'536;  // per-chat tables of one instance
inline constexpr std::size_t max_setting_key_bytes = 255;

// Where a value of an adapter's table stands, for complaints that come later. Keyed by JSON pointer into `settings`;
// "" is the table itself.
struct place {
    position key;
    position value;
};
using source_map = std::map<std::string, place, std::less<>>;

// A key as part of a JSON pointer (RFC 6901).
std::string escape_pointer_token(std::string_view key);

struct chat_settings {
    std::string chat;
    std::string json;

    bool operator==(const chat_settings&) const = default;
};

// [adapters.NAME]. Holds resolved secrets: never to be logged.
struct adapter_config {
    std::string name;
    std::string plugin;
    position plugin_at;  // where it is named; the table when it is not
    bool enabled = true;
    reconnect::policy reconnect;       // [reconnect] overlaid with the table's reconnect.KEY
    std::string proxy;                 // the table's own or [net]'s; empty: direct
    std::string json;                  // the adapter's own keys as a JSON object, in a fixed order
    std::vector<chat_settings> chats;  // ordered by chat
    source_map places;
    std::vector<complaint> mistakes;  // not empty: it must not run; the rest is what could be read all the same

    // Equal in all that a running instance would notice; where it stands in the file is no part of that.
    bool operator==(const adapter_config& other) const;
};

// [[routes]]: either `from` and `to`, or `bridge`.
struct route_config {
    std::vector<std::string> from;    // patterns
    std::string to;                   // an instance
    std::vector<std::string> bridge;  // two or more addresses
    position at;
};

enum class when_all_failed : std::uint8_t { exit, stay };

struct gateway_config {
    when_all_failed on_all_failed = when_all_failed::exit;
    std::uint32_t max_connecting = 64;
    std::chrono::milliseconds stop_timeout = std::chrono::seconds{20};
    std::chrono::milliseconds call_timeout = std::chrono::seconds{10};  // of one call into a module

    bool operator==(const gateway_config&) const = default;
};

struct net_config {
    std::string ca_file;  // empty: the system's trust store
    std::string proxy;    // empty: direct

    bool operator==(const net_config&) const = default;
};

struct http_config {
    std::optional<listen_address> listen;  // nothing: the host listens nowhere

    bool operator==(const http_config&) const = default;
};

struct log_config {  // the command line overrides these
    std::optional<log::level> level;
    std::optional<log::line_format> format;

    bool operator==(const log_config&) const = default;
};

enum class sync_mode : std::uint8_t { full, normal };

struct store_config {
    sync_mode sync = sync_mode::full;

    bool operator==(const store_config&) const = default;
};

struct configuration {
    std::string file;  // as in complaints
    gateway_config gateway;
    reconnect::policy reconnect;
    net_config net;
    http_config http;
    log_config log;
    store_config store;
    std::vector<adapter_config> adapters;  // ordered by name
    std::vector<route_config> routes;      // in the order of the file
    std::vector<complaint> warnings;       // worth a log line, no reason to refuse
};

struct loaded {
    configuration values;             // as far as they could be read
    std::vector<complaint> refusals;  // mistakes of syntax and of the host's own tables; not empty: must not be used
};

enum class absence : std::uint8_t { is_an_error, is_empty };  // is_empty: for the default path only

loaded load_file(const std::filesystem::path& path, absence when_absent, const environment& environment);

// The same for a text; `name` stands in complaints, and paths in it are relative to `folder`.
loaded load_text(std::string_view text, std::string name, const std::filesystem::path& folder,
                 const environment& environment);

// What a reload has to touch: names of instances, ordered. An instance whose per-chat settings or reconnect rules alone
// differ keeps its connection and is in `rechatted` or `repoliced`; a disabled one counts as not there.
struct changes {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string> changed;
    std::vector<std::string> rechatted;
    std::vector<std::string> repoliced;

    bool operator==(const changes&) const = default;
};

changes compare(const configuration& running, const configuration& fresh);

}  // namespace gateway::config
