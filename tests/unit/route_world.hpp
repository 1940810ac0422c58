// A message plane on a manual clock between two platforms and an echo agent, whose instances the test plays.
#pragma once

#include "route/message_plane.hpp"
#include "support/manual_time.hpp"
#include "support/said.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

inline constexpr std::uint32_t tg = 0;
inline constexpr std::uint32_t dc = 1;
inline constexpr std::uint32_t echo = 2;

inline message::batch batch_of(std::vector<message::event> events, std::vector<message::kv_write> writes = {}) {
    return {std::move(events), std::move(writes)};
}

inline message::receipt receipt_for(std::uint64_t id, std::int32_t outcome) {
    message::receipt made;
    made.delivery = id;
    made.outcome = outcome;
    return made;
}

class plane_world final : public route::delivery_port {
public:
    struct handed {
        std::uint32_t slot;
        message::delivery what;
    };

    plane_world(boost::asio::io_context& loop, manual_time& time, store::journal& journal,
                const route::plane_settings& options = {})
        : plane(time, journal, *this, options), loop_(loop), time_(time) {
        route::route_config to_echo;
        to_echo.from = {"tg:*", "dc:*"};
        to_echo.to = std::string("echo");
        REQUIRE(plane.set_routes({to_echo}).has_value());
        plane.add_instance(tg, "tg");
        plane.add_instance(dc, "dc");
        plane.add_instance(echo, "echo");
        run();
    }

    bool deliver(std::uint32_t slot, std::uint64_t id) override {
        if (!takes) {
            return false;
        }
        boost::asio::post(loop_, [this, slot, id] {
            if (calls_are_lost) {
                return;
            }
            if (const auto what = plane.take(slot, id); what != nullptr) {
                deliveries.push_back({slot, *what});
                if (on_deliver) {
                    on_deliver(slot, *what);
                }
            }
        });
        return true;
    }

    // Until nothing is left to do now.
    void run() {
        loop_.restart();
        loop_.run();
    }

    void pass(std::chrono::milliseconds time) {
        time_.pass(time, [this] { run(); });
    }

    void all_online() {
        for (const auto slot : {tg, dc, echo}) {
            plane.online(slot);
        }
        run();
    }

    // Submits and notes how it ends in `commits`.
    gw_status submit(std::uint32_t slot, message::batch&& what) {
        return plane.submit(slot, std::move(what), [this](gw_status status) { commits.push_back(status); });
    }

    gw_status receipt(std::uint32_t slot, std::uint64_t id, std::int32_t outcome = GW_OUTCOME_SENT) {
        const auto status = plane.receipt(slot, receipt_for(id, outcome));
        run();
        return status;
    }

    // What was handed over since the last call.
    std::vector<handed> take() { return std::exchange(deliveries, {}); }

    void check_balance() const {
        const auto now = plane.count();
        CHECK(now.in == now.duplicates + now.own + now.routed + now.unroutable + now.refused + now.directory +
                            now.failed_commits + now.uncommitted);
        CHECK(now.out + now.found == now.sent + now.failed + now.unknown + now.left + now.pending);
    }

    bool takes = true;
    bool calls_are_lost = false;  // on their way to the instance
    std::function<void(std::uint32_t, const message::delivery&)> on_deliver;
    std::vector<handed> deliveries;
    std::vector<gw_status> commits;
    route::message_plane plane;

private:
    boost::asio::io_context& loop_;
    manual_time& time_;
};

}  // namespace gateway::test
