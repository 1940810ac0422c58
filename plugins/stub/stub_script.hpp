// What a stub does and when: its configuration, and where it stands in it.
//
// Pure: no host, no clock. The place in the script lives in the instance's key-value state, since each incarnation is
// fresh; this file writes and reads it. A stored place belongs to the script it was made for: a changed script starts
// from its beginning, and so does one whose stored place cannot be read.
// Errors: parse_script throws sdk::config_error with the key and what would be right. Bounds: those of the manifest's
// schema, which the host checks before.
#pragma once

#include <gateway/cpp/delivery.hpp>
#include <gateway/cpp/status.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::stub {

enum class step_kind : std::uint8_t { ok, hang, fail };

// One entry of `connect`.
struct connect_step {
    step_kind kind = step_kind::ok;
    sdk::failure why{};  // of a fail

    bool operator==(const connect_step&) const = default;
};

struct say_options {
    std::string chat;
    std::string text;
    std::chrono::milliseconds every = std::chrono::seconds{1};
    std::uint64_t count = 0;  // 0: for ever
};

struct script {
    std::vector<connect_step> connect;  // empty: always ok
    std::string connect_text;           // the entries as configured, to recognise a changed script
    bool create_fails = false;
    bool echo = false;
    std::optional<std::chrono::milliseconds> lose_after;
    std::unique_ptr<sdk::failure> lose;  // null: go silent instead ("stall")
    std::unique_ptr<say_options> say;
};

// The instance's table, a JSON object.
[[nodiscard]] script parse_script(std::string_view json);

// What this connect does, and the place to store before doing it; nothing when the place stays what it is.
struct connect_decision {
    connect_step step;
    std::optional<std::string> place;
};

[[nodiscard]] connect_decision next_connect(const script& of, std::optional<std::string_view> stored);

// How much of `say` was said. `run` tells this run of it from earlier ones in its dedupe ids.
struct say_place {
    std::uint64_t run = 0;
    std::uint64_t said = 0;
};

// `now_unix_ms` becomes the name of a run that begins now.
[[nodiscard]] say_place resume_saying(const say_options& what, std::optional<std::string_view> stored,
                                      std::int64_t now_unix_ms);

// The next thing to say, and the place to store together with it; nothing when all was said.
struct utterance {
    sdk::message message;
    std::string dedupe_id;
    std::string place;
};

[[nodiscard]] std::optional<utterance> next_utterance(const say_options& what, const say_place& at,
                                                      std::int64_t now_unix_ms);

// The id that a delivered message gets on this platform: the same each time the delivery is repeated.
[[nodiscard]] std::string delivered_id(sdk::delivery_id delivery);

// The answer to a delivery. Its id serves as its dedupe id too, so that a repeated delivery is not answered twice.
[[nodiscard]] sdk::message echo_of(const sdk::delivery_view& delivery, std::int64_t now_unix_ms);

}  // namespace gateway::stub
