// What the platform's refusals of something that was sent mean. Pure.
#pragma once

#include "telegram_plan.hpp"
#include "telegram_protocol.hpp"

#include <string>

namespace gateway::telegram {

// The refusals that people meet, under names that last; "http_CODE" for others.
[[nodiscard]] std::string refusal_code(const answer& given);
// It will be refused as often as it is sent.
[[nodiscard]] bool is_final(const answer& given);

// The refusal says that what was asked for is so already.
[[nodiscard]] bool is_done_already(step_kind what, const answer& given);
// The message has no text to edit, but perhaps a caption.
[[nodiscard]] bool has_no_text(const answer& given);
// It is no photo (or whatever it was sent as) to the platform, but may be a file.
[[nodiscard]] bool refuses_kind(const answer& given);
// The file cannot be had: this machine cannot read it, or the platform does not know it or cannot fetch it.
[[nodiscard]] bool refuses_file(const answer& given);

}  // namespace gateway::telegram
