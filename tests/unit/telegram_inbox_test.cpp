// Answers of getUpdates: what is taken of them, albums, the offset, the directory.
#include "telegram_inbox.hpp"

#include "telegram_protocol.hpp"
#include "telegram_update_fixture.hpp"

using namespace gateway;
using namespace gateway::telegram;
using namespace gateway::test;
namespace json = boost::json;

namespace {

using lines = std::vector<std::string>;

json::array parsed(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    return json::parse(text, {}, options).as_array();
}

// An answer of getUpdates, update by update; each of them gets the next id from 1 on.
struct answer_text {
    std::string text;
    int count = 0;

    answer_text& update(std::string_view kind, std::string_view body) {
        text.append(text.empty() ? "[" : ",").append(R"({"update_id":)").append(std::to_string(++count));
        text.append(",\"").append(kind).append("\":").append(body).append("}");
        return *this;
    }
    answer_text& says(int chat, int id, std::string_view rest, int date = 100) {
        return update("message", R"({"message_id":)" + std::to_string(id) + R"(,"date":)" + std::to_string(date) +
                                     R"(,"chat":{"id":)" + std::to_string(chat) + R"(,"type":"private"},)" +
                                     std::string(rest) + "}");
    }
    // A picture of an album.
    answer_text& shows(int chat, int id, std::string_view album, std::string_view caption = {}, int date = 100) {
        const std::string name = std::to_string(id);
        return says(chat, id,
                    R"("photo":[{"file_id":"f)" + name + R"(","width":1,"height":1}],"media_group_id":")" +
                        std::string(album) + "\"" +
                        (caption.empty() ? "" : R"(,"caption":")" + std::string(caption) + "\""),
                    date);
    }
    [[nodiscard]] json::array get() const { return parsed(text + "]"); }
};

struct reading_inbox {
    inbox under_test;
    reading how = default_reading();

    received read(const json::array& updates) { return under_test.read(updates, how); }
    received read(const answer_text& updates) { return under_test.read(updates.get(), how); }
    received read(std::string_view updates) { return under_test.read(parsed(updates), how); }
};

// The messages alone, in one line each: id, number of files, text, the others of its album.
lines messages_of(const received& all) {
    const told said = read_told(all.events);
    REQUIRE(said.problem == "");
    lines result;
    for (const auto& each : said.batch.events) {
        if (each.kind != GW_EVENT_CHAT) {
            const auto extra =
                each.message.extra.empty() ? json::object{} : json::parse(each.message.extra).as_object();
            const json::value* album = extra.if_contains("album");
            result.push_back(each.message.chat + "#" + each.message.id + " " +
                             std::to_string(each.message.enclosed ? each.message.enclosed->attachments.size() : 0) +
                             " [" + each.message.text + "]" + (album == nullptr ? "" : " " + json::serialize(*album)));
        }
    }
    return result;
}

lines directory_of(const received& all) {
    lines result;
    for (const std::string& line : said_lines(read_told(all.events).batch)) {
        if (line.starts_with("chat ")) {
            result.push_back(line);
        }
    }
    return result;
}

}  // namespace

TEST_CASE_FIXTURE(reading_inbox, "telegram: texts and names are mended and cut to what the host takes") {
    const auto all =
        read("[{\"update_id\":1,\"message\":{\"message_id\":1,\"text\":\"a\xff\",\"from\":{\"id\":1," +
             ("\"first_name\":\"" + std::string(3000, 'f') + "\",\"last_name\":\"") + std::string(3000, 'l') +
             "\"},\"chat\":{\"id\":1,\"title\":\"" + std::string(3000, 't') + "\"}}}]");
    const told said = read_told(all.events);
    CHECK(said.problem == "");
    REQUIRE(said.batch.events.size() == 2);
    CHECK(said.batch.events[0].chat.title.size() == GW_MAX_NAME_BYTES);
    CHECK(said.batch.events[1].message.text == "a\xef\xbf\xbd");
    CHECK(said.batch.events[1].message.sender->name.size() <= GW_MAX_NAME_BYTES);
    const auto large = read(answer_text{}.says(1, 2, R"("text":")" + std::string(100'000, 'x') + "\""));
    CHECK(read_told(large.events).batch.events.back().message.text.size() == GW_MAX_TEXT_BYTES);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: the next offset follows the last update, not the greatest") {
    CHECK(read(R"([{"update_id":5},{"update_id":6},{"update_id":9}])").next_offset == 10);
    CHECK(read(R"([{"update_id":2000000000},{"update_id":17}])").next_offset == 18);
    CHECK(read(R"([{"update_id":2147483647}])").next_offset == 2147483648);
    CHECK(read(R"([{"update_id":5},{"update_id":"broken"}])").next_offset == 6);
    CHECK_FALSE(read(R"([{"update_id":"broken"},7])").next_offset);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: one bad update does not stop the others") {
    const auto all = read(R"([{"update_id":1,"message":{}},
        {"update_id":2,"message":{"message_id":1,"text":"x","chat":{"id":1,"type":"private"}}},
        {"update_id":3,"poll":{}},{"update_id":4,"story":{}}])");
    CHECK(messages_of(all) == lines{"1#1 0 [x]"});
    CHECK(all.unreadable == lines{"message.chat.id is no number"});
    CHECK(all.left_out == 2);
    CHECK(all.first_left_out == "poll");
    CHECK(all.next_offset == 5);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: more updates than were asked for come again") {
    answer_text many;
    for (int id = 1; id <= 150; ++id) {
        many.update("poll", "{}");
    }
    const auto all = read(many);
    CHECK(all.next_offset == max_updates + 1);
    CHECK(all.left_out == 100);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: more events than fit into a batch come again") {
    std::string members;
    for (int id = 1; id <= 300; ++id) {
        members.append(members.empty() ? "" : ",").append(R"({"id":)" + std::to_string(id) + "}");
    }
    answer_text many;
    for (int id = 1; id <= 7; ++id) {
        many.says(id, id, R"("new_chat_members":[)" + members + "]");
    }
    const auto all = read(many);
    CHECK(read_told(all.events).problem == "");
    CHECK(all.events.events() == 4 * (max_members + 1));
    CHECK(all.next_offset == 5);
    CHECK_FALSE(all.waits);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: an album is one message with the files of all") {
    SUBCASE("whole, since its chat said something else after it") {
        const auto all = read(
            answer_text{}.shows(7, 1, "g", "both").shows(7, 2, "g").shows(7, 3, "g").says(7, 4, R"("text":"and")"));
        CHECK(messages_of(all) == lines{R"(7#1 3 [both] ["2","3"])", "7#4 0 [and]"});
        CHECK(all.next_offset == 5);
        CHECK_FALSE(all.waits);
    }
    SUBCASE("whole, since another album of the chat comes after it") {
        const auto all = read(answer_text{}.shows(7, 1, "g").shows(7, 2, "g").shows(7, 3, "h").shows(7, 4, "h").says(
            7, 5, R"("text":"and")"));
        CHECK(messages_of(all) == lines{R"(7#1 2 [] ["2"])", R"(7#3 2 [] ["4"])", "7#5 0 [and]"});
    }
    SUBCASE("whole, since it has ten files") {
        answer_text ten;
        for (int id = 1; id <= 11; ++id) {
            ten.shows(7, id, "g");
        }
        const auto all = read(ten);
        CHECK(messages_of(all) == lines{R"(7#1 10 [] ["2","3","4","5","6","7","8","9","10"])"});
        CHECK(all.next_offset == 11);
        CHECK(all.waits);  // for what may follow the eleventh
    }
    SUBCASE("whole, since something came two seconds after it, elsewhere") {
        const auto all = read(answer_text{}.shows(7, 1, "g").shows(7, 2, "g").says(8, 1, R"("text":"x")", 102));
        CHECK(messages_of(all) == lines{R"(7#1 2 [] ["2"])", "8#1 0 [x]"});
    }
    SUBCASE("with others in between") {
        const auto all = read(answer_text{}
                                  .shows(7, 1, "g", "a")
                                  .says(8, 1, R"("text":"x")")
                                  .shows(7, 2, "g", "b")
                                  .says(7, 3, R"("text":"and")"));
        CHECK(messages_of(all) == lines{"7#1 2 [a\n\nb] [\"2\"]", "8#1 0 [x]", "7#3 0 [and]"});
    }
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: an album that may go on is asked for again, with all that follows") {
    answer_text first;
    first.says(8, 1, R"("text":"before")").shows(7, 1, "g", "both").says(9, 1, R"("text":"after")");
    const auto before = read(first);
    CHECK(messages_of(before) == lines{"8#1 0 [before]"});
    CHECK(before.next_offset == 2);
    CHECK(before.waits);
    answer_text again;
    again.count = 1;
    again.shows(7, 1, "g", "both").says(9, 1, R"("text":"after")");
    SUBCASE("it does not") {
        const auto after = read(again);
        CHECK(messages_of(after) == lines{"7#1 1 [both]", "9#1 0 [after]"});
        CHECK(after.next_offset == 4);
        CHECK_FALSE(after.waits);
    }
    SUBCASE("it does, and is waited for once more") {
        const auto grown = read(answer_text(again).shows(7, 2, "g"));
        CHECK(grown.waits);
        CHECK_FALSE(grown.next_offset);
        CHECK(grown.events.events() == 0);
        CHECK(messages_of(read(answer_text(again).shows(7, 2, "g"))) ==
              lines{R"(7#1 2 [both] ["2"])", "9#1 0 [after]"});
    }
    SUBCASE("two at once are waited for at once") {
        inbox fresh;
        const json::array two = answer_text{}.shows(7, 1, "g").shows(8, 1, "h").shows(7, 2, "g").get();
        CHECK(fresh.read(two, how).waits);
        const auto both = fresh.read(two, how);
        CHECK(messages_of(both) == lines{R"(7#1 2 [] ["2"])", "8#1 1 []"});
        CHECK_FALSE(both.waits);
    }
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: of a group's album one caption that mentions us is enough") {
    how.addressed_only = true;
    const auto album = [](std::string_view caption) {
        const std::string in_group = R"("date":100,"chat":{"id":-1,"type":"group"},"media_group_id":"g",)";
        answer_text made;
        for (const char* id : {"1", "2"}) {
            made.update("message", R"({"message_id":)" + std::string(id) + "," + in_group +
                                       R"("photo":[{"file_id":"f"}])" +
                                       (id[0] == '2' ? std::string(caption) : std::string{}) + "}");
        }
        return made.update("message", R"({"message_id":3,)" + in_group + R"("text":"x"})");
    };
    CHECK(messages_of(
              read(album(R"(,"caption":"@our_bot","caption_entities":[{"type":"mention","offset":0,"length":8}])"))) ==
          lines{R"(-1#1 2 [@our_bot] ["2"])"});
    const auto others = read(album(R"(,"caption":"x")"));
    CHECK(messages_of(others).empty());
    CHECK(others.left_out == 2);
    CHECK(others.next_offset == 4);
}

TEST_CASE_FIXTURE(reading_inbox, "telegram: an upgraded group is told once, though both chats tell it") {
    const auto all = read(R"([
        {"update_id":1,"message":{"message_id":1,"chat":{"id":-5,"type":"group","title":"G"},"migrate_to_chat_id":-100}},
        {"update_id":2,"message":{"message_id":1,"chat":{"id":-100,"type":"supergroup","title":"G"},"text":"x"}},
        {"update_id":3,"message":{"message_id":2,"chat":{"id":-100,"type":"supergroup","title":"G"},
                                  "migrate_from_chat_id":-5}}])");
    CHECK(directory_of(all) == lines{"chat group -100 \"G\" was -5"});
}

TEST_CASE("telegram: a chat enters the directory once, and again when something about it changes") {
    known_chats chats;
    chat_entry team{.kind = sdk::chat_kind::group, .id = "1", .title = "Team"};
    const auto learns = [&](const chat_entry& entry) { return chats.learn(entry).has_value(); };
    CHECK(learns(team));
    CHECK_FALSE(learns(team));
    team.title = "The team";
    CHECK(learns(team));
    CHECK_FALSE(learns(team));
    team.kind = sdk::chat_kind::channel;
    CHECK(learns(team));
    chat_entry removed = team;
    removed.gone = true;
    CHECK(learns(removed));
    CHECK_FALSE(learns(team));  // which says nothing about it
    team.title = "Team";
    CHECK(chats.learn(team)->gone);
    removed = team;
    removed.gone = false;
    CHECK(learns(removed));
    CHECK(learns({.kind = sdk::chat_kind::group, .id = "2", .title = "Team"}));
}

TEST_CASE("telegram: the memory of chats is bounded") {
    known_chats chats;
    const auto learns = [&](const std::string& id) {
        return chats.learn({.kind = sdk::chat_kind::group, .id = id, .title = "t"}).has_value();
    };
    for (std::size_t index = 0; index < known_chats::max_chats; ++index) {
        CHECK(learns(std::to_string(index)));
    }
    CHECK_FALSE(learns("0"));
    CHECK(learns("one more"));
    CHECK(learns("0"));  // told again, which does no harm
}
