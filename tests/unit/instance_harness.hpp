// The real instance_host on a manual clock, a journal in memory and WebSockets without a network, unless a test wants
// real ones, with an adapter whose functions are lambdas.
#pragma once

#include "instance/host_api.hpp"
#include "instance/instance_host.hpp"
#include "loop/runner.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/websocket_client.hpp"
#include "route/message_plane.hpp"
#include "support/manual_time.hpp"
#include "support/memory_journal.hpp"
#include "support/net_fake_websockets.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

struct scripted_instance {
    const gw_host* host;
    gw_token self;
};

// What the scripted adapter does; empty functions do the least that is right.
struct script {
    std::function<gw_status(const gw_host&, gw_token)> create;
    std::function<void(const gw_host&, gw_token)> connect;
    std::function<void(const gw_host&, gw_token, const gw_delivery&)> deliver;
    std::function<void(const gw_host&, gw_token, const gw_completion&)> on_completion;
    std::function<void(const gw_host&, gw_token)> close;
    std::vector<std::string> calls;  // in their order
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<std::unique_ptr<scripted_instance>> alive;  // created and not destroyed, also at a test's end
};

enum class transport : std::uint8_t { scripted, real };

class scripted_host final : public instance::listener {
public:
    explicit scripted_host(transport of_websockets = transport::scripted);

    instance::key create(std::uint32_t slot = 0, std::uint32_t incarnation = 1);
    // Created, connected and online.
    instance::key online(std::uint32_t slot = 0, std::uint32_t incarnation = 1);
    void run();  // until nothing is left to do now
    [[nodiscard]] boost::asio::io_context& loop() { return loop_; }
    void pass(std::chrono::milliseconds time) {
        time_.pass(time, [this] { run(); });
    }

    void on_create_failed(instance::key, const reconnect::failure& why) override { create_failures.push_back(why); }
    void on_connected(instance::key, const instance::identity& who) override { identities.push_back(who); }
    void on_lost(instance::key, const reconnect::failure& why) override { losses.push_back(why); }
    void on_closed(instance::key) override { ++closes; }

    script does;
    std::vector<reconnect::failure> create_failures;
    std::vector<reconnect::failure> losses;
    std::vector<instance::identity> identities;
    int closes = 0;
    fake_websockets websockets;

private:
    struct port final : route::delivery_port {
        route::delivery_port* to = nullptr;
        bool deliver(std::uint32_t slot, std::uint64_t id) override { return to->deliver(slot, id); }
    };

    boost::asio::io_context loop_;
    manual_time time_;
    loop::call_guard guard_;
    net::http_client http_{loop_, {}};
    net::websocket_client real_websockets_{loop_, {}};
    transport of_websockets_;
    memory_journal journal_{loop_};
    port port_;

public:
    route::message_plane plane{time_, journal_, port_};
    net::http_server inbound{loop_, time_};  // listens once a test opens it
    instance::instance_host host{
        {loop_, time_, guard_, http_,
         of_websockets_ == transport::real ? static_cast<net::websocket_port&>(real_websockets_) : websockets, plane,
         &inbound},
        *this};

private:
    module::loaded_module module_;
    std::shared_ptr<instance::instance_spec> spec_ = std::make_shared<instance::instance_spec>();
};

namespace detail {

inline script* running_script = nullptr;

inline gw_status create(const gw_host* host, gw_token self, const gw_config* config, void** ret_self) {
    auto& does = *running_script;
    does.calls.push_back("create " + std::string(config->name.data, config->name.size));
    if (does.create) {
        if (const auto status = does.create(*host, self); status != GW_OK) {
            return status;
        }
    }
    does.alive.push_back(std::make_unique<scripted_instance>(scripted_instance{host, self}));
    *ret_self = does.alive.back().get();
    return GW_OK;
}

inline void connect(void* self) {
    auto& does = *running_script;
    const auto& me = *static_cast<scripted_instance*>(self);
    does.calls.push_back("connect");
    does.connect ? does.connect(*me.host, me.self) : static_cast<void>(me.host->connected(me.self, nullptr));
}

inline void deliver(void* self, const gw_delivery* what) {
    auto& does = *running_script;
    const auto& me = *static_cast<scripted_instance*>(self);
    does.calls.push_back("deliver");
    if (does.deliver) {
        does.deliver(*me.host, me.self, *what);
    }
}

inline void on_completion(void* self, const gw_completion* completion) {
    auto& does = *running_script;
    const auto& me = *static_cast<scripted_instance*>(self);
    does.calls.push_back("completion " + std::to_string(completion->kind));
    if (does.on_completion) {
        does.on_completion(*me.host, me.self, *completion);
    }
}

inline void close(void* self, std::int32_t reason) {
    auto& does = *running_script;
    const auto& me = *static_cast<scripted_instance*>(self);
    does.calls.push_back("close " + std::to_string(reason));
    does.close ? does.close(*me.host, me.self) : static_cast<void>(me.host->closed(me.self));
}

inline void destroy(void* self) {
    running_script->calls.emplace_back("destroy");
    std::erase_if(running_script->alive, [&](const auto& one) { return one.get() == self; });
}

inline void apply(void*, gw_str chat, gw_str json) {
    running_script->calls.emplace_back("settings");
    running_script->settings.emplace_back(std::string(chat.data, chat.size), std::string(json.data, json.size));
}

inline void refresh(void*) {
    running_script->calls.emplace_back("refresh");
}

inline const void* extension(const char* name) {
    static constexpr gw_settings settings{sizeof(gw_settings), 0, apply};
    static constexpr gw_directory directory{sizeof(gw_directory), 0, refresh};
    if (std::string_view(name) == GW_EXT_SETTINGS) {
        return &settings;
    }
    return std::string_view(name) == GW_EXT_DIRECTORY ? &directory : nullptr;
}

inline constexpr gw_adapter adapter{
    sizeof(gw_adapter), GW_ABI_MAJOR, GW_ABI_MINOR, 0,        {}, create, connect, deliver,
    on_completion,      close,        destroy,      extension};

}  // namespace detail

inline scripted_host::scripted_host(transport of_websockets) : of_websockets_(of_websockets) {
    loop::become_loop_thread();
    detail::running_script = &does;
    port_.to = &host;
    auto description = std::make_shared<module::manifest>();
    description->name = "scripted";
    module_.description = description;
    module_.adapter = &detail::adapter;
    module_.generation = 1;
    spec_->name = "it";
    spec_->json = "{}";
    spec_->chats = {{"lobby", "{\"silent\":true}"}};
    plane.add_instance(0, "it");
    plane.add_instance(1, "other");
    run();
}

inline void scripted_host::run() {
    loop_.restart();
    loop_.poll();
}

inline instance::key scripted_host::create(std::uint32_t slot, std::uint32_t incarnation) {
    const instance::key which{reconnect::slot_id{slot}, reconnect::incarnation_id{incarnation}};
    host.create(which, module_, spec_);
    run();
    return which;
}

inline instance::key scripted_host::online(std::uint32_t slot, std::uint32_t incarnation) {
    const auto which = create(slot, incarnation);
    host.apply_settings(which, spec_);
    host.refresh_directory(which);
    plane.online(slot);
    run();
    return which;
}

}  // namespace gateway::test
