// An event as a test says it: somebody wrote this in that chat.
#pragma once

#include "message/model.hpp"

#include <string>
#include <utility>

namespace gateway::test {

inline message::event said(std::string chat, std::string text, std::string dedupe_id = {}) {
    message::event made;
    made.kind = GW_EVENT_MESSAGE;
    made.dedupe_id = std::move(dedupe_id);
    made.message.chat = std::move(chat);
    made.message.text = std::move(text);
    return made;
}

}  // namespace gateway::test
