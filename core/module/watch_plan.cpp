#include "module/watch_plan.hpp"

#include "module/catalogue.hpp"

#include <algorithm>
#include <utility>

namespace gateway::module {

watch_plan::watch_plan(const watch_settings& settings, time_point now)
    : settings_(settings), quiet_at_(now), next_rescan_(now + settings.rescan_every) {}

void watch_plan::on_event(event what, const std::string& file_name, time_point now) {
    if (what == event::directory) {
        noted_.rescan = true;
    } else if (catalogue::is_module_file(file_name)) {
        note(what, file_name);
    } else {
        return;
    }
    first_event_ = first_event_.value_or(now);
    quiet_at_ = std::min(now + settings_.debounce, *first_event_ + settings_.max_delay);
}

void watch_plan::note(event what, const std::string& file_name) {
    if (what == event::created) {
        being_written_.insert(file_name);
    } else if (what != event::touched) {
        being_written_.erase(file_name);
    }
    const bool written = being_written_.contains(file_name);
    (written ? noted_.complete : noted_.created).erase(file_name);
    (written ? noted_.created : noted_.complete).insert(file_name);
    if (noted_.complete.size() + noted_.created.size() > max_module_files || being_written_.size() > max_module_files) {
        noted_ = work{.rescan = true, .complete = {}, .created = {}};
        being_written_.clear();
    }
}

watch_plan::time_point watch_plan::due() const {
    return first_event_ ? std::min(quiet_at_, next_rescan_) : next_rescan_;
}

watch_plan::work watch_plan::take(time_point now) {
    work result;
    if (first_event_ && quiet_at_ <= now) {
        first_event_.reset();
        result = std::exchange(noted_, {});
        if (result.rescan) {
            // Files that nobody saw closed are judged when they are the same after a while.
            next_rescan_ = now + settings_.settle;
            return result;
        }
    }
    if (next_rescan_ <= now) {
        result.rescan = true;
        next_rescan_ = now + settings_.rescan_every;
    }
    return result;
}

}  // namespace gateway::module
