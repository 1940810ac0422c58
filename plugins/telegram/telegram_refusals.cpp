#include "telegram_refusals.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gateway::telegram {
namespace {

struct known {
    std::string_view words;
    std::string_view code;
};
constexpr std::array<known, 31> refusals{{{"chat not found", "chat_not_found"},
                                          {"bot was blocked", "blocked"},
                                          {"bot was kicked", "kicked"},
                                          {"bot is not a member", "not_member"},
                                          {"user is deactivated", "deactivated"},
                                          {"not enough rights", "no_rights"},
                                          {"have no rights", "no_rights"},
                                          {"chat_write_forbidden", "no_rights"},
                                          {"message text is empty", "empty"},
                                          {"caption is too long", "too_long"},
                                          {"caption_too_long", "too_long"},
                                          {"message is too long", "too_long"},
                                          {"topic_closed", "topic_closed"},
                                          {"thread not found", "thread_not_found"},
                                          {"message to edit not found", "message_not_found"},
                                          {"message to react not found", "message_not_found"},
                                          {"message can't be edited", "not_editable"},
                                          {"no caption in the message to edit", "not_editable"},
                                          {"no text in the message to edit", "not_editable"},
                                          {"message can't be deleted", "not_deletable"},
                                          {"message_delete_forbidden", "not_deletable"},
                                          {"reaction_invalid", "reaction_not_allowed"},
                                          {"reactions_too_many", "reaction_not_allowed"},
                                          {"voice_messages_forbidden", "voice_forbidden"},
                                          {"button_data_invalid", "bad_button"},
                                          {"button_url_invalid", "bad_button"},
                                          {"inline keyboard button", "bad_button"},
                                          {"reply markup is too long", "bad_button"},
                                          {"request entity too large", "too_large"},
                                          {"file is too big", "too_large"},
                                          {"upgraded to a supergroup", "migrated"}}};

template <std::size_t Size>
bool says_any(const answer& given, const std::array<std::string_view, Size>& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view each) { return given.says(each); });
}

bool is_bad_request(const answer& given) {
    return given.kind == answer_kind::refused && given.code == 400;
}

}  // namespace

std::string refusal_code(const answer& given) {
    if (given.code == 413) {
        return "too_large";
    }
    const auto* found =
        std::find_if(refusals.begin(), refusals.end(), [&](const known& each) { return given.says(each.words); });
    return found == refusals.end() ? "http_" + std::to_string(given.code) : std::string(found->code);
}

bool is_final(const answer& given) {
    const bool refused =
        given.kind == answer_kind::refused && given.code < 500 && given.code != 429 && !is_unauthorized(given);
    return refused || (given.kind == answer_kind::not_api && given.code == 413);
}

bool is_done_already(step_kind what, const answer& given) {
    if (!is_bad_request(given)) {
        return false;
    }
    switch (what) {
        case step_kind::edit_text:
        case step_kind::edit_caption:
            return given.says("message is not modified") || given.says("message_not_modified");
        case step_kind::remove:
            return given.says("message to delete not found");
        default:
            return false;
    }
}

bool has_no_text(const answer& given) {
    return is_bad_request(given) && given.says("there is no text in the message to edit");
}

bool refuses_kind(const answer& given) {
    constexpr std::array<std::string_view, 8> words{
        "photo_invalid",       "photo_save_file_invalid", "photo_ext_invalid", "image_process_failed",
        "too big for a photo", "wrong file type",         "sticker_png_nopng", "video_content_type_invalid"};
    return is_bad_request(given) && says_any(given, words);
}

bool refuses_file(const answer& given) {
    constexpr std::array<std::string_view, 9> words{"wrong file identifier",
                                                    "wrong remote file",
                                                    "can't use file of type",
                                                    "file reference",
                                                    "temporarily unavailable",
                                                    "failed to get http url content",
                                                    "wrong type of the web page content",
                                                    "webpage_",
                                                    "file must be non-empty"};
    return (given.kind == answer_kind::none && given.host_code == "file") ||
           (is_bad_request(given) && says_any(given, words));
}

}  // namespace gateway::telegram
