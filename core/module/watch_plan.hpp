// Decides when the catalogue looks at which files, from what inotify says and the time. Pure: no clock, no file.
//
//   a file was closed, moved here or removed, its rights changed ─▶ look at it once all was quiet for `debounce`
//   a file was created                                           ─▶ look at it if it is a link, else wait for its close
//   events were lost, or the directory is another one            ─▶ rescan, and again after `settle`
//   nothing                                                      ─▶ rescan every `rescan_every`
//
// Bounds: 1,000 files noted, past that it rescans; events postpone a look by `max_delay` in all.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

namespace gateway::module {

struct watch_settings {
    std::chrono::milliseconds rescan_every{60'000};
    std::chrono::milliseconds debounce{100};
    std::chrono::milliseconds settle{2'000};
    std::chrono::milliseconds max_delay{1'000};
};

class watch_plan {
public:
    using time_point = std::chrono::steady_clock::time_point;

    enum class event {
        created,
        complete,  // closed after writing, or moved here
        touched,   // its rights changed
        gone,      // removed or moved away
        directory  // lost events; or the directory came, went or changed its rights: `file_name` is not used
    };

    struct work {
        bool rescan = false;  // and watch the directory anew
        std::set<std::string> complete;
        std::set<std::string> created;
    };

    watch_plan(const watch_settings& settings, time_point now);

    void on_event(event what, const std::string& file_name, time_point now);
    // When `take` will have something.
    [[nodiscard]] time_point due() const;
    // What is to be done now; nothing when called before it is due.
    [[nodiscard]] work take(time_point now);

private:
    void note(event what, const std::string& file_name);

    watch_settings settings_;
    work noted_;
    std::set<std::string> being_written_;  // created, and not closed since
    std::optional<time_point> first_event_;
    time_point quiet_at_;
    time_point next_rescan_;
};

}  // namespace gateway::module
