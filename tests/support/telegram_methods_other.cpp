// Messages that are neither text nor files: places, contacts, polls.

#include "support/telegram_content.hpp"
#include "support/telegram_methods.hpp"

#include <cmath>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_question = 300;
constexpr std::size_t max_options = 12;
constexpr std::size_t max_option = 100;

failure read_location(const checked_params& params, json::object& ret_location) {
    for (const auto* name : {"latitude", "longitude"}) {
        const auto value = params.number(name);
        if (!value) {
            return bad_request(std::string(name) + " is empty");
        }
        if (std::abs(*value) > (name == std::string_view("latitude") ? 90.0 : 180.0)) {
            return bad_request("invalid location specified");
        }
        ret_location[name] = *value;
    }
    return std::nullopt;
}

api_result send_location(telegram_bot& bot, const checked_params& params) {
    json::object location;
    if (auto failed = read_location(params, location)) {
        return *failed;
    }
    copy_param(params, "horizontal_accuracy", location);
    return send_content(bot, params, "sendLocation", {{"location", std::move(location)}});
}

api_result send_venue(telegram_bot& bot, const checked_params& params) {
    json::object location;
    if (auto failed = read_location(params, location)) {
        return *failed;
    }
    json::object venue{{"location", location}};
    for (const auto* name : {"title", "address"}) {
        if (params.string(name).empty()) {
            return bad_request("venue " + std::string(name) + " is empty");
        }
        venue[name] = params.string(name);
    }
    return send_content(bot, params, "sendVenue", {{"venue", std::move(venue)}, {"location", std::move(location)}});
}

api_result send_contact(telegram_bot& bot, const checked_params& params) {
    json::object contact;
    for (const auto* name : {"phone_number", "first_name"}) {
        if (params.string(name).empty()) {
            return bad_request(name == std::string_view("first_name") ? "first name is empty"
                                                                      : "phone number is empty");
        }
        contact[name] = params.string(name);
    }
    copy_param(params, "last_name", contact);
    copy_param(params, "vcard", contact);
    return send_content(bot, params, "sendContact", {{"contact", std::move(contact)}});
}

// Options are InputPollOption objects, or plain strings as they were at first.
failure read_options(const checked_params& params, json::array& ret_options) {
    const auto* options = params.array("options");
    if (options == nullptr || options->empty()) {
        return bad_request("poll must have at least one answer option");
    }
    if (options->size() > max_options) {
        return bad_request("poll can't have more than " + std::to_string(max_options) + " options");
    }
    for (const auto& option : *options) {
        const auto* object = option.if_object();
        const auto* text = object == nullptr ? &option : object->if_contains("text");
        if (text == nullptr || !text->is_string() || text->get_string().empty()) {
            return bad_request("can't parse poll options JSON object");
        }
        if (count_code_points(text->get_string()) > max_option) {
            return bad_request("poll options length must not exceed " + std::to_string(max_option));
        }
        ret_options.push_back(json::object{{"text", *text}, {"voter_count", 0}});
    }
    return std::nullopt;
}

api_result send_poll(telegram_bot& bot, const checked_params& params) {
    json::array options;
    const auto question = params.string("question");
    if (question.empty()) {
        return bad_request("poll question must be non-empty");
    }
    if (count_code_points(question) > max_question) {
        return bad_request("poll question length must not exceed " + std::to_string(max_question));
    }
    if (auto failed = read_options(params, options)) {
        return *failed;
    }
    return send_content(
        bot, params, "sendPoll",
        {{"poll", json::object{{"id", bot.new_poll()},
                               {"question", question},
                               {"options", std::move(options)},
                               {"total_voter_count", 0},
                               {"is_closed", false},
                               {"is_anonymous", !params.has("is_anonymous") || params.boolean("is_anonymous")},
                               {"type", "regular"},
                               {"allows_multiple_answers", params.boolean("allows_multiple_answers")}}}});
}

}  // namespace

std::vector<telegram_method> other_methods() {
    using enum param_kind;
    return {
        {"sendLocation", sending_params({{"latitude", number}, {"longitude", number}, {"horizontal_accuracy", number}}),
         at_once<send_location>},
        {"sendVenue",
         sending_params({{"latitude", number}, {"longitude", number}, {"title", string}, {"address", string}}),
         at_once<send_venue>},
        {"sendContact",
         sending_params({{"phone_number", string}, {"first_name", string}, {"last_name", string}, {"vcard", string}}),
         at_once<send_contact>},
        {"sendPoll",
         sending_params({{"question", string},
                         {"options", array},
                         {"is_anonymous", boolean},
                         {"allows_multiple_answers", boolean}}),
         at_once<send_poll>},
    };
}

}  // namespace gateway::test
