// The message plane: router, journal and lanes joined on the loop.
//
//   submit ─▶ router ─▶ journal (events, writes, deliveries: one transaction) ─▶ handler
//                                      └─▶ lanes ─▶ delivery_port::deliver … take … receipt ─▶ journal
//
// Loop thread only. Handlers are called from the journal's posted functions, as the last thing they do, so that a
// module that never returns loses nothing. Destroy it when the journal is closed or the loop no longer runs. Handlers
// of an instance that was removed are not called. Bounds: per instance 16 uncommitted batches, and
// `settings::lanes.max_pending` deliveries that wait for it; over all instances 64 MiB of uncommitted batches.
#pragma once

#include "loop/time_source.hpp"
#include "message/model.hpp"
#include "route/directory.hpp"
#include "route/lanes.hpp"
#include "route/router.hpp"
#include "store/journal.hpp"

#include <gateway/types.h>

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::route {

inline constexpr unsigned max_uncommitted_batches = 16;                 // per instance
inline constexpr std::size_t max_uncommitted_bytes = 64 * 1024 * 1024;  // over all instances

// Implemented by the instance layer.
struct delivery_port {
    virtual ~delivery_port() = default;
    // Asks for a call into the instance, soon and never from within this one: `take` the delivery and hand it over.
    // Forgetting to loses nothing: what was not taken when the instance closes is handed to its next incarnation.
    // False: this one takes nothing more, and nothing more comes until the next online().
    virtual bool deliver(std::uint32_t slot, std::uint64_t id) = 0;
};

// Since the start. Events: in == duplicates + own + routed + unroutable + refused + directory + failed_commits +
// uncommitted. Deliveries: out + found == sent + failed + unknown + left + pending.
struct counters {
    std::uint64_t in = 0;              // events accepted by submit
    std::uint64_t duplicates = 0;      // known to the journal: dropped
    std::uint64_t own = 0;             // flagged GW_SENDER_SELF
    std::uint64_t routed = 0;          // became at least one delivery, answers included
    std::uint64_t unroutable = 0;      // no route
    std::uint64_t refused = 0;         // an agent spoke where it may not
    std::uint64_t directory = 0;       // about chats, or of a kind not known
    std::uint64_t failed_commits = 0;  // not accepted after all; the instance was told
    std::uint64_t uncommitted = 0;

    std::uint64_t out = 0;    // deliveries committed
    std::uint64_t found = 0;  // waiting in the journal when their instance was added
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;   // refused by the platform, or too late
    std::uint64_t unknown = 0;  // outcome unknown even when repeated: dropped
    std::uint64_t left = 0;     // waiting when their instance was removed; they stay in the journal
    std::uint64_t pending = 0;

    std::uint64_t handed = 0;    // taken
    std::uint64_t repeated = 0;  // of these marked GW_DELIVERY_REPEATED
};

struct plane_settings {
    lane_settings lanes;
    std::chrono::minutes prune_every{60};
};

class message_plane {
public:
    using commit_handler = std::function<void(gw_status)>;  // GW_OK, GW_ERR_IO, GW_ERR_LIMIT (too many keys)
    using kv_handler = std::function<void(gw_status, std::string value)>;

    message_plane(loop::time_source& time, store::journal& journal, delivery_port& port, plane_settings options = {});
    ~message_plane();

    // The error is a sentence that names the route; the old routes stay then.
    boost::system::result<void, std::string> set_routes(const std::vector<route_config>& routes);

    // A configured instance, and its end (removed from the configuration; its deliveries stay in the journal).
    void add_instance(std::uint32_t slot, std::string_view name);
    void remove_instance(std::uint32_t slot);

    // Proven online: deliveries flow. Closing: no new ones, receipts still count. Offline: the incarnation is gone;
    // what it took and did not answer is unknown. Each may be repeated.
    void online(std::uint32_t slot);
    void closing(std::uint32_t slot);
    void offline(std::uint32_t slot);

    // Right before the call into the instance that `deliver` asked for. From here on it may have been sent. Null: not
    // now after all.
    [[nodiscard]] std::unique_ptr<message::delivery> take(std::uint32_t slot, std::uint64_t id);

    // Takes a batch, checked against the bounds. GW_OK: `done` is called once. GW_ERR_BUSY: nothing was taken.
    // GW_ERR_LIMIT, GW_ERR_UTF8, GW_ERR_INVALID: nothing was taken, `ret_fault` says why in a sentence.
    [[nodiscard]] gw_status submit(std::uint32_t slot, message::batch&& what, commit_handler done,
                                   std::string* ret_fault = nullptr);

    // GW_ERR_NOT_FOUND: not in flight with this instance. Others as submit.
    [[nodiscard]] gw_status receipt(std::uint32_t slot, message::receipt&& what, std::string* ret_fault = nullptr);

    // GW_OK and the value, GW_ERR_NOT_FOUND, or GW_ERR_IO. Sees every accepted write.
    void kv_get(std::uint32_t slot, std::string key, kv_handler done);

    [[nodiscard]] counters count() const;
    [[nodiscard]] std::uint64_t pending(std::uint32_t slot) const;
    [[nodiscard]] std::vector<directory_entry> chats() const;
    [[nodiscard]] std::vector<directory_entry> chats(std::uint32_t slot) const;

private:
    class state;
    std::unique_ptr<state> state_;
};

}  // namespace gateway::route
