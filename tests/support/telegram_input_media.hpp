#pragma once
// The files calls name: uploaded with the call, already on the platform by file_id, or on the web by URL; and the
// InputMedia objects of albums and edits. Each reader returns the answer to give when something is wrong.

#include "support/telegram_lookup.hpp"

#include <string_view>

namespace gateway::test {

// `reference` is the parameter's value. The file is stored with the bot, which keeps it.
failure read_file(telegram_bot& bot, const checked_params& params, media_kind kind, std::string_view reference,
                  const boost::json::object& attributes, const stored_file*& ret_file);

struct input_media {
    media_kind kind = media_kind::photo;
    boost::json::object content;  // fields of the message: the media and its caption
};

failure read_input_media(telegram_bot& bot, const checked_params& params, const boost::json::value& value,
                         bool in_album, input_media& ret_media);

}  // namespace gateway::test
