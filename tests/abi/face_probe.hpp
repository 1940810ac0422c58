// An adapter for the tests of the C++ face: each of its calls runs a function that the test puts in.
#pragma once

#include <gateway/cpp/gateway.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace gateway::test {

class probe;

// Empty functions: nothing happens, and `close` is the base class's.
struct probe_behaviour {
    std::function<void(const sdk::setup&)> on_create;
    std::function<void(probe&)> on_connect;
    std::function<void(probe&, const sdk::delivery_view&)> on_deliver;
    std::function<void(probe&, sdk::close_reason)> on_close;
    std::function<void(probe&)> on_wake;
    std::function<void(std::string_view, std::string_view)> on_settings;
    std::function<void()> on_directory;
    int alive = 0;
};

class probe final : public sdk::adapter, public sdk::with_settings, public sdk::with_directory {
public:
    static inline probe_behaviour does;

    explicit probe(const sdk::setup& from) : adapter(from) {
        call(does.on_create, from);
        ++does.alive;
    }
    ~probe() override { --does.alive; }

private:  // The module's edge calls the base class, so overrides may be private.
    template <typename Function, typename... Args>
    static void call(const Function& function, Args&&... args) {
        if (function) {
            function(std::forward<Args>(args)...);
        }
    }

    void connect() override { call(does.on_connect, *this); }
    void deliver(const sdk::delivery_view& what) override { call(does.on_deliver, *this, what); }
    void close(sdk::close_reason why) override { does.on_close ? does.on_close(*this, why) : adapter::close(why); }
    void on_wake() override { call(does.on_wake, *this); }
    void apply_settings(std::string_view chat, std::string_view json) override { call(does.on_settings, chat, json); }
    void refresh_directory() override { call(does.on_directory); }
};

}  // namespace gateway::test
