#include "store/disk_watch.hpp"

#include <utility>

namespace gateway::store {

std::optional<std::string> disk_watch::on_trouble(std::string said) {
    said_ = std::move(said);
    return judge();
}

std::optional<std::string> disk_watch::look(std::optional<time_point> busy_since, time_point now) {
    hangs_ = busy_since && now - *busy_since >= patience;
    return judge();
}

std::optional<std::string> disk_watch::judge() {
    auto now = hangs_ ? "the disk has not answered for " + std::to_string(patience.count()) + " s or more" : said_;
    if (now == in_the_way_) {
        return std::nullopt;
    }
    in_the_way_ = std::move(now);
    return in_the_way_;
}

}  // namespace gateway::store
