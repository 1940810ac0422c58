// Which callback belongs to which pending operation of one instance.
//
// A flat vector: an instance has few operations pending, and an idle one has none and pays nothing. Ids count up and
// are never used again, so a completion that comes late finds nothing. Not thread-safe; the host serialises all calls.
#pragma once

#include <gateway/cpp/callback.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/host.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace gateway::sdk {

class op_table {
public:
    using completion_callback = callback<const gw_completion&>;

    // Remembers `call` under a new id. `kind` is the GW_COMPLETION_* that it understands.
    [[nodiscard]] op_id add(std::int32_t kind, completion_callback call) {
        const op_id id{last_ + 1};
        entries_.push_back({id, kind, std::move(call)});
        ++last_;
        return id;
    }

    // Drops the callback, unless it is running; false when there is none.
    bool forget(op_id id) noexcept {
        const auto at = find(id);
        if (at == entries_.end()) {
            return false;
        }
        erase(at);
        return true;
    }

    // The kind given to `add`; 0 when there is no such operation.
    [[nodiscard]] std::int32_t kind(op_id id) const noexcept {
        const auto at = std::find_if(entries_.begin(), entries_.end(), [id](const entry& e) { return e.id == id; });
        return at == entries_.end() ? 0 : at->kind;
    }

    // Calls the operation's callback. One nobody waits for is ignored; one of another kind than asked for throws.
    void complete(const gw_completion& completion) {
        const auto at = find(op_id{completion.op});
        if (at == entries_.end()) {
            return;
        }
        const bool more = (completion.flags & GW_COMPLETION_MORE) != 0;
        const std::int32_t kind = at->kind;
        // The callback may start operations, which moves entries, or forget this one: it runs outside the table.
        completion_callback call = std::move(at->call);
        if (!more) {
            erase(at);
        }
        if (kind != completion.kind) {
            throw std::logic_error("the host completed an operation with another kind of completion");
        }
        if (!call) {
            return;
        }
        call(completion);
        if (more) {
            if (const auto still = find(op_id{completion.op}); still != entries_.end()) {
                still->call = std::move(call);
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        op_id id;
        std::int32_t kind;
        completion_callback call;
    };

    [[nodiscard]] std::vector<entry>::iterator find(op_id id) noexcept {
        return std::find_if(entries_.begin(), entries_.end(), [id](const entry& e) { return e.id == id; });
    }

    void erase(std::vector<entry>::iterator at) noexcept {
        // The removed callback is destroyed last: what it captured may come back to this table.
        const completion_callback removed = std::move(at->call);
        if (at != entries_.end() - 1) {
            *at = std::move(entries_.back());
        }
        entries_.pop_back();
    }

    std::vector<entry> entries_;
    std::uint64_t last_ = 0;
};

}  // namespace gateway::sdk
