// What an adapter told the host, read as the host reads it: for tests and fuzz targets of adapters.
//
// `said_lines` are for people and golden files:
//
//   KIND CHAT[/THREAD][ #ID][ -> #REPLY_TO][ by WHO][ @SECONDS][ FLAGS…] [DEDUPE_ID]
//     text TEXT                            (each line of it)
//     photo ID 800x600 9 bytes 4000 ms name=… type=… spoiler says=…
//     quotes [chosen ][WHO: ]TEXT          (what the message answers)
//     forwarded from WHO
//     extra {…}
//   chat KIND ID "TITLE"[ was OLD_ID][ gone]
//   write KEY = VALUE
#pragma once

#include "message/model.hpp"

#include <gateway/cpp/batch.hpp>

#include <string>
#include <vector>

namespace gateway::test {

// The batch as the host holds it. A struct that the host could not read shows as `problem`.
struct told {
    message::batch batch{};
    std::string problem{};  // why the host would refuse it; empty: it would not
};
[[nodiscard]] told read_told(const sdk::batch& what);

[[nodiscard]] std::vector<std::string> said_lines(const message::batch& what);

}  // namespace gateway::test
