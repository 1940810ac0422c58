// An adapter for the tests of the host's HTTP listener: it listens on /hook with a secret and answers with what came.
#include <gateway/cpp/gateway.hpp>

#include <string>

namespace {

namespace sdk = gateway::sdk;

class mirror final : public sdk::adapter {
public:
    explicit mirror(const sdk::setup& from) : adapter(from) {}

    void connect() override {
        sdk::status result{};
        const auto op = host().listen(
            {.path = "/hook", .secret_header = "X-Secret", .secret = "s3cret-of-hook"},
            [this](const sdk::inbound_request& request) { on_request(request); }, result);
        if (op == sdk::op_id::none) {
            sdk::failure why;
            why.cls = sdk::failure_class::config;
            why.code = "listen";
            why.text = result == sdk::status::unsupported ? "the host listens nowhere" : "the path is taken";
            host().lost(why);
            return;
        }
        host().connected("mirror", "Mirror");
    }

    void deliver(const sdk::delivery_view& what) override { host().receipt(sdk::receipt::sent(what.id, "1")); }

private:
    void on_request(const sdk::inbound_request& request) {
        if (request.ended || request.query == "silent") {
            return;
        }
        sdk::inbound_response answer;
        answer.headers.push_back({"X-Method", std::string(request.method)});
        answer.body = "got " + std::string(request.body);
        host().respond(request.id, answer);
    }
};

}  // namespace

GATEWAY_ADAPTER(mirror, R"({
    "name": "mirror", "version": "1.0.0", "description": "Answers HTTP requests with what came",
    "abi": { "major": 1, "minor": 0 }, "requires": ["gateway.inbound/1"], "capabilities": ["text"],
    "config": { "type": "object", "additionalProperties": false }
})");
