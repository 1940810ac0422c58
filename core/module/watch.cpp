#include "module/watch.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sys/inotify.h>
#include <system_error>
#include <utility>

namespace gateway::module {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint32_t directory_mask = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                         IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t parent_mask =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

watch_plan::event kind_of(std::uint32_t mask) {
    if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) {
        return watch_plan::event::complete;
    }
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
        return watch_plan::event::gone;
    }
    return (mask & IN_CREATE) != 0 ? watch_plan::event::created : watch_plan::event::touched;
}

}  // namespace

class watcher::driver : public std::enable_shared_from_this<watcher::driver> {
public:
    driver(boost::asio::io_context& io, catalogue& modules, const watch_settings& settings, watch_handlers handlers)
        : modules_(modules),
          path_(modules.settings().plugins_dir),
          handlers_(std::move(handlers)),
          plan_(settings, clock::now()),
          inotify_(io),
          timer_(io) {}

    std::vector<change> start() {
        const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fd < 0) {
            tell_trouble(errno);
        } else {
            inotify_.assign(fd);
            watch_anew();
            read();
        }
        auto changes = modules_.scan();
        wait();
        return changes;
    }

    void stop() {
        stopped_ = true;
        boost::system::error_code ignored;
        inotify_.close(ignored);
        timer_.cancel();
    }

private:
    // Watches the directory itself and the one above it, or the nearest one above that exists: there the next part of
    // the path will appear. The upper one comes first, so that what appears meanwhile is seen by it. What is watched
    // already stays watched, and loses no event.
    void watch_anew() {
        auto parent = path_.parent_path();
        awaited_ = path_.filename().string();
        int error = watch(parent_watch_, parent, parent_mask);
        while (is_absence(error) && parent.has_relative_path()) {
            awaited_ = parent.filename().string();
            parent = parent.parent_path();
            error = watch(parent_watch_, parent, parent_mask);
        }
        // A parent that cannot be watched matters only as long as the directory is awaited: its own end is told by
        // itself.
        if (const int own_error = watch(directory_watch_, path_, directory_mask); !is_absence(own_error)) {
            error = own_error;
        }
        if (error != 0) {
            tell_trouble(error);
        } else {
            trouble_.clear();
        }
    }

    static bool is_absence(int error) { return error == ENOENT || error == ENOTDIR; }

    // Makes `slot` the watch of this path; 0 or errno.
    int watch(int& slot, const std::filesystem::path& path, std::uint32_t mask) {
        const int fresh = ::inotify_add_watch(inotify_.native_handle(), path.c_str(), mask);
        const int error = fresh < 0 ? errno : 0;
        if (slot >= 0 && slot != fresh) {
            ::inotify_rm_watch(inotify_.native_handle(), slot);  // fails when its directory is gone, and so is it then
        }
        slot = fresh;
        return error;
    }

    void read() {
        inotify_.async_read_some(boost::asio::buffer(events_),
                                 [self = shared_from_this()](auto error, std::size_t size) {
                                     if (self->stopped_) {
                                         return;
                                     }
                                     if (error) {
                                         self->tell_trouble(error.value());
                                         return;
                                     }
                                     self->take_events(size);
                                     self->read();
                                     self->wait();
                                 });
    }

    void take_events(std::size_t size) {
        const auto now = clock::now();
        for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
            inotify_event head{};
            std::memcpy(&head, events_.data() + at, sizeof(head));
            const char* name = events_.data() + at + sizeof(head);
            at += sizeof(head) + head.len;
            take_event(head, head.len > 0 ? std::string(name, ::strnlen(name, head.len)) : std::string(), now);
        }
    }

    void take_event(const inotify_event& head, const std::string& name, clock::time_point now) {
        if ((head.mask & IN_Q_OVERFLOW) != 0) {
            plan_.on_event(watch_plan::event::directory, {}, now);
        } else if (head.wd == directory_watch_) {
            // Without a name it is about the directory itself.
            plan_.on_event(name.empty() ? watch_plan::event::directory : kind_of(head.mask), name, now);
        } else if (head.wd == parent_watch_ && (name.empty() || name == awaited_)) {
            plan_.on_event(watch_plan::event::directory, {}, now);
        }
    }

    void wait() {
        timer_.expires_at(plan_.due());
        timer_.async_wait([self = shared_from_this()](auto error) {
            if (!error && !self->stopped_) {
                self->work();
            }
        });
    }

    void work() {
        const auto due = plan_.take(clock::now());
        std::vector<change> changes;
        if (due.rescan && inotify_.is_open()) {
            watch_anew();
        }
        if (!due.complete.empty() || !due.created.empty()) {
            changes = modules_.look(due.complete, due.created);
        }
        if (due.rescan) {
            auto more = modules_.rescan();
            std::move(more.begin(), more.end(), std::back_inserter(changes));
        }
        if (!changes.empty() && handlers_.on_change) {
            handlers_.on_change(changes);
        }
        if (!stopped_) {
            wait();
        }
    }

    // Once per kind of trouble: the slow rescan meets it again and again.
    void tell_trouble(int error) {
        auto reason = std::generic_category().message(error);
        if (error == ENOSPC) {
            reason = "the limit fs.inotify.max_user_watches is reached";
        } else if (error == EMFILE) {
            reason = "the limit fs.inotify.max_user_instances, or that of open files, is reached";
        }
        auto sentence = printable(path_.string()) + " cannot be watched: " + reason +
                        "; changes in it are found by a slow rescan only";
        if (sentence != trouble_ && handlers_.on_trouble) {
            handlers_.on_trouble(sentence);
        }
        trouble_ = std::move(sentence);
    }

    catalogue& modules_;
    std::filesystem::path path_;
    watch_handlers handlers_;
    watch_plan plan_;
    boost::asio::posix::stream_descriptor inotify_;
    boost::asio::steady_timer timer_;
    std::array<char, 16384> events_{};  // the kernel hands over whole events only
    int directory_watch_ = -1;
    int parent_watch_ = -1;
    std::string awaited_;  // the name that matters in the watched parent
    std::string trouble_;
    bool stopped_ = false;
};

watcher::watcher(boost::asio::io_context& io, catalogue& modules, const watch_settings& settings,
                 watch_handlers handlers)
    : driver_(std::make_shared<driver>(io, modules, settings, std::move(handlers))) {}

watcher::~watcher() {
    stop();
}

std::vector<change> watcher::start() {
    return driver_->start();
}

void watcher::stop() {
    driver_->stop();
}

}  // namespace gateway::module
