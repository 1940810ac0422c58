// Updates as the Bot API gives them, one of each shape, and the events that the host gets: golden/telegram_in.
#include "telegram_update_fixture.hpp"

using namespace gateway;
using namespace gateway::test;
namespace json = boost::json;

namespace {

telegram::reading reading_of(const json::object& each) {
    telegram::reading how = default_reading();
    if (const json::value* given = each.if_contains("reading")) {
        how.addressed_only = given->as_object().contains("addressed_only");
        how.chat_members = given->as_object().contains("chat_members");
    }
    return how;
}

}  // namespace

TEST_CASE("telegram: updates of each shape become what they say") {
    for (const std::string file : golden_files) {
        for (const json::value& value : golden_updates(file)) {
            const json::object& each = value.as_object();
            CAPTURE(file);
            CAPTURE(each.at("name"));
            std::string became;
            for (const std::string& line : lines_of(read_alone(each.at("update"), reading_of(each)))) {
                became += line + "\n";
            }
            std::string expected;
            for (const json::value& line : each.at("expect").as_array()) {
                expected.append(line.as_string()).append("\n");
            }
            CHECK(became == expected);
        }
    }
}
