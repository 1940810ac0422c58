// The smallest complete adapter, in C++: a platform of one account that answers each message with the same text.
//
// An answer is an event like anything a user says. The receipt comes after the event is committed: had the host crashed
// between the two, it would deliver again, and the dedupe id would drop the second answer.
#include <gateway/cpp/gateway.hpp>

#include <string>

namespace {

namespace sdk = gateway::sdk;

class echo final : public sdk::adapter {
public:
    explicit echo(const sdk::setup& from) : adapter(from) {}

    void connect() override { host().connected("echo", "Echo"); }  // a real adapter first proves that it receives

    void deliver(const sdk::delivery_view& what) override {
        const std::string number = std::to_string(static_cast<std::uint64_t>(what.id));
        const std::string answer_id = "answer-" + number;
        sdk::batch answer;
        answer.add_message({.id = answer_id,
                            .chat = what.message.chat,
                            .thread = what.message.thread,
                            .reply_to = what.message.id,
                            .text = what.message.text,
                            .sender = sdk::sender_view{.id = "echo", .name = "Echo", .bot = true}},
                           answer_id);
        const sdk::status taken = host().submit(answer, [this, id = what.id, number](sdk::status stored) {
            host().receipt(stored == sdk::status::ok
                               ? sdk::receipt::sent(id, number)
                               : sdk::receipt::retry(id, "not_stored", "The host could not store."));
        });
        if (taken == sdk::status::busy) {
            host().receipt(sdk::receipt::retry(what.id, "busy", "The host is busy."));
        }
    }
};

}  // namespace

GATEWAY_ADAPTER(echo, R"({
    "name": "echo_cpp", "version": "1.0.0", "description": "Answers every message",
    "abi": { "major": 1, "minor": 0 }, "capabilities": ["text", "reply", "thread"],
    "config": { "type": "object", "additionalProperties": false }
})");
