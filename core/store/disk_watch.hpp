// Whether the journal can be written. A disk that fails says so, job by job; one that hangs says nothing, and is known
// by how long it has been at the same jobs.
//
// Pure. Whoever owns it looks every `interval`, so a disk that hangs is known after `patience` and that at the latest.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace gateway::store {

class disk_watch {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::seconds patience{10};
    static constexpr std::chrono::seconds interval{2};

    // Both answer what is in the way now, when that is something else than before; an empty text: nothing is.

    // settings::on_trouble said this.
    std::optional<std::string> on_trouble(std::string said);
    // What database::busy_since() says now.
    std::optional<std::string> look(std::optional<time_point> busy_since, time_point now);

private:
    std::optional<std::string> judge();

    std::string said_;
    bool hangs_ = false;
    std::string in_the_way_;
};

}  // namespace gateway::store
