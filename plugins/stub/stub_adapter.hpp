// The stub: an adapter without a platform, which connects, fails, answers and speaks as its configuration says.
//
// This class calls the host; what to do is decided in stub_script. Each step that must not happen twice is committed
// before it is acted on: a crash in between skips it rather than repeating it.
// Bounds: at most `max_waiting` stores wait for a busy host; deliveries beyond that are answered with RETRY.
#pragma once

#include "stub_script.hpp"

#include <gateway/cpp/gateway.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gateway::stub {

class adapter final : public sdk::adapter, public sdk::with_directory {
public:
    static constexpr std::size_t max_waiting = 64;
    static constexpr std::size_t max_logged_bytes = 512;  // of a delivery's text
    static constexpr std::chrono::milliseconds busy_pause{100};

    explicit adapter(const sdk::setup& from);

    void connect() override;
    void deliver(const sdk::delivery_view& what) override;
    void close(sdk::close_reason why) override;
    void refresh_directory() override;

private:
    enum class phase : std::uint8_t { connecting, online, silent, lost, closing, closed };

    // A batch on its way into the journal and what follows.
    struct commit {
        sdk::batch what;
        sdk::callback<sdk::status> then;
    };

    void act(const connect_step& step);
    void go_online();
    void lose();
    void fail(sdk::failure why);
    void start_saying();
    void say_later();
    void say_next();
    void store(sdk::batch what, sdk::callback<sdk::status> then);
    [[nodiscard]] bool try_store(const std::shared_ptr<commit>& what);
    void store_waiting();
    void close_when_done();

    script script_;
    std::string name_;
    say_place said_{};
    std::chrono::milliseconds say_due_{};
    std::vector<std::shared_ptr<commit>> waiting_;  // for a busy host, oldest first
    std::size_t unanswered_ = 0;                    // deliveries whose receipt waits for a commit
    phase phase_ = phase::connecting;
};

}  // namespace gateway::stub
