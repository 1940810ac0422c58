// A host for tests of adapters: keeps what it is told, and completes operations when the test says so.
//
// It drives one instance of one module by the C ABI alone and checks the callers' side of the contract: a host function
// called outside a call, with a dead token or with text that dies too early shows up. Time is manual. One object at a
// time, since gw_host's functions carry no context.
#pragma once

#include <gateway/gateway.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

struct said_event {
    std::int32_t kind = 0;
    std::string dedupe_id{}, id{}, chat{}, thread{}, reply_to{}, text{}, sender{}, extra{};
    std::uint32_t sender_flags = 0;
};

struct said_batch {
    std::vector<said_event> events;
    std::map<std::string, std::optional<std::string>> writes;
};

struct said_failure {
    std::int32_t failure_class = 0;
    std::string code, text;
    std::int64_t retry_after_ms = 0;
};

struct said_receipt {
    std::uint64_t delivery = 0;
    std::int32_t outcome = 0;
    std::vector<std::string> message_ids;
    std::string code;
    std::int64_t retry_after_ms = 0;
    std::int32_t scope = 0;
};

struct said_fetched {
    std::uint64_t fetch = 0;
    gw_status status = GW_OK;
    std::string code, text;
};

struct pending_op {
    std::uint64_t op = 0;
    std::int32_t kind = 0;
    std::int64_t due_ms = 0;   // of a timer
    std::string what;          // a key, a URL
    std::int32_t version = 0;  // of an HTTP request
};

class fake_host {
public:
    explicit fake_host(const gw_adapter& module);
    ~fake_host();
    fake_host(const fake_host&) = delete;
    fake_host& operator=(const fake_host&) = delete;

    // The calls of the ABI, in the order of a life. `create` starts the next incarnation.
    gw_status create(std::string_view config = "{}", std::string_view name = "test");
    void connect();
    void deliver(std::uint64_t id, std::string_view chat, std::string_view text, std::string_view message_id = {},
                 std::uint32_t flags = 0);
    void deliver(const gw_delivery& raw);
    void complete(const gw_completion& raw);
    void close(std::int32_t reason = GW_CLOSE_RECONNECT);
    void destroy();
    void apply_settings(std::string_view chat, std::string_view json);
    void refresh_directory();
    void fetch(std::uint64_t id, std::string_view file, std::string_view path, std::int64_t max_size);
    [[nodiscard]] const void* module_extension(const char* name) const { return module_.extension(name); }
    [[nodiscard]] void* self() const { return self_; }

    // Completes the oldest pending operation of a kind, plainly; false when there is none.
    bool complete_next(std::int32_t kind, gw_status status = GW_OK);
    // Completes everything but timers until nothing is left, commits and key-value reads as a host would.
    void settle();
    // Moves the clock on, firing timers in order and settling after each.
    void advance(std::int64_t ms);
    [[nodiscard]] const pending_op* pending(std::int32_t kind) const;
    [[nodiscard]] std::size_t pending_count(std::int32_t kind) const;

    // What the instance did.
    std::vector<std::string> log;
    std::optional<std::string> connected;  // the identity's id
    std::vector<said_failure> lost;        // every call, the refused ones too
    int closed = 0;
    std::vector<said_receipt> receipts;
    std::vector<said_fetched> fetched;
    std::vector<said_batch> submitted;  // as accepted
    std::vector<said_event> journal;    // committed and not a duplicate
    std::vector<std::uint64_t> cancelled;
    std::deque<pending_op> operations;

    // What the host is like.
    std::map<std::string, std::string> kv;
    std::map<std::string, std::deque<gw_status>> answers;  // by function: refusals to come, then GW_OK
    std::set<std::string> missing;                         // extensions it lacks
    bool dead = false;                                     // answers everything with GW_ERR_STALE
    std::int64_t now_ms = 1'000;
    std::int64_t unix_ms = 1'700'000'000'000;
    gw_host table{};
    gw_timer timer{};

private:
    friend struct host_functions;

    template <typename Call>
    void within(Call call);
    gw_status may(gw_token self, const char* function);
    void finish(const pending_op& op, gw_status status);

    const gw_adapter& module_;
    void* self_ = nullptr;
    gw_token token_{3, 0};
    bool in_call_ = false;
    std::map<std::uint64_t, said_batch> uncommitted_;
    std::map<std::uint64_t, std::optional<std::string>> reads_;
    std::set<std::string> known_;  // dedupe ids
};

}  // namespace gateway::test
