// A delivery as the requests that carry it out, one after the other. Pure.
//
//   delivery ── read_delivery ─▶ order (or why it cannot be carried out) ── steps_of ─▶ steps
//
// What the platform would refuse for certain is said before anything is sent. What it does refuse of a step, but would
// take otherwise, becomes other steps: a caption instead of a text, files one by one, a photo as a document, and where
// nothing else is left the name of a file in words.
#pragma once

#include "rich_text.hpp"
#include "telegram_requests.hpp"

#include <gateway/cpp/delivery.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gateway::telegram {

// A delivery that is to be kept until it is done.
struct order {
    sdk::delivery_kind kind = sdk::delivery_kind::message;
    place where{};
    markdown::rich_text text{};
    std::vector<outgoing_file> files{};  // of an edit: those that the message has, which stay
    keyboard buttons{};
    std::vector<std::int64_t> targets{};
};

struct refusal {
    std::string code;
    std::string text;  // one sentence
};

// `own_name` is this instance's, whose files the platform has.
[[nodiscard]] std::variant<order, refusal> read_delivery(const sdk::delivery_view& what, std::string_view own_name);

// Chat and thread as the platform has them; nothing for others.
[[nodiscard]] std::optional<place> read_place(const sdk::message_view& what);

[[nodiscard]] refusal too_large(const outgoing_file& file);

enum class step_kind : std::uint8_t { text, edit_text, edit_caption, remove, react, file, album };

struct step {
    step_kind kind = step_kind::text;
    markdown::rich_text text{};            // what is said, the caption, the emoji
    std::vector<outgoing_file> files{};    // one, or an album
    std::vector<std::int64_t> messages{};  // what is edited or reacted to: the first; what is deleted: all
    std::vector<std::int64_t> kept{};      // further messages that it leaves as they are, and which belong to the whole
    bool buttons = false;                  // they are below this one
};

// The order's texts and files move into its steps.
[[nodiscard]] std::vector<step> steps_of(order& what);
// The step's request; only the first one answers anything.
[[nodiscard]] request request_for(const order& what, const step& now, bool first);
// Doing it twice is doing it once.
[[nodiscard]] bool is_repeatable(step_kind kind);

// The step at `at` in other ways; false when there is none.
[[nodiscard]] bool edit_caption_instead(std::vector<step>& ret_steps, std::size_t at);
[[nodiscard]] bool split_album(std::vector<step>& ret_steps, std::size_t at);
[[nodiscard]] bool send_as_document(std::vector<step>& ret_steps, std::size_t at);
[[nodiscard]] bool name_file(std::vector<step>& ret_steps, std::size_t at);

}  // namespace gateway::telegram
