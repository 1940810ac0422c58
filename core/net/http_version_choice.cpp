#include "net/http_version_choice.hpp"

namespace gateway::net {

http_version http_version_choice::begin(const std::string& to, time_point now) {
    if (origins_.size() >= max_remembered) {
        forget_idle();
    }
    auto& [under_way, records] = origins_[to];
    std::size_t chosen = under_way >= http2_from_ ? 1 : 0;
    if (records.at(chosen).failing(now) && !records.at(1 - chosen).failing(now)) {
        chosen = 1 - chosen;
    }
    ++under_way;
    return chosen == 0 ? http_version::http1 : http_version::http2;
}

void http_version_choice::end(const std::string& to, http_version with, outcome how, time_point now) {
    const auto found = origins_.find(to);
    auto& [under_way, records] = found->second;
    auto& its = records.at(with == http_version::http1 ? 0 : 1);
    --under_way;
    if (how == outcome::answered) {
        its = {};
    } else if (how == outcome::broke) {
        if (now - its.last_breakdown >= avoided) {
            its.breakdowns = 0;
        }
        if (its.breakdowns == 0 || now - its.last_breakdown >= one_breakdown) {
            ++its.breakdowns;
            its.last_breakdown = now;
        }
    }
    if (under_way == 0 && records[0].breakdowns == 0 && records[1].breakdowns == 0) {
        origins_.erase(found);
    }
}

void http_version_choice::forget_idle() {
    std::erase_if(origins_, [](const auto& each) { return each.second.under_way == 0; });
}

}  // namespace gateway::net
