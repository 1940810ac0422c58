// The status of the fleet as a table for people. Pure.
#pragma once

#include <boost/json/array.hpp>

#include <cstdint>
#include <string>

namespace gateway::ctl {

// `adapters` is what GET /v1/adapters answers, `now_ms` Unix time. Columns are as wide as their content; the reason
// comes last and may be long.
[[nodiscard]] std::string status_table(const boost::json::array& adapters, std::int64_t now_ms);

// "5s", "3m 20s", "2h 5m", "4d 3h": the two largest units.
[[nodiscard]] std::string span_text(std::int64_t ms);

}  // namespace gateway::ctl
