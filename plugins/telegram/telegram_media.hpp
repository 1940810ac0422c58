// The files of a message as attachments: named by their `file_id`, got only when somebody asks. Pure.
#pragma once

#include <gateway/cpp/message.hpp>

#include <boost/json.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace gateway::telegram {

// A message has one file at most, which it may show in several fields ("animation" comes with "document", a live photo
// with "photo"). A file without a usable id is left out: it could never be got.
[[nodiscard]] std::vector<sdk::attachment> files_of(const boost::json::object& message);

// Of a list of sizes the largest; nothing when there is none to be got.
[[nodiscard]] std::optional<sdk::attachment> largest_photo(const boost::json::object& from, std::string_view key);

// "photo", "voice message": for sentences.
[[nodiscard]] std::string_view in_words(sdk::attachment_kind kind);

}  // namespace gateway::telegram
