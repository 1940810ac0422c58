// Updates in, events out.
#include "telegram_protocol.hpp"
#include "telegram_update.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;

namespace {

constexpr std::int64_t own_id = 99;

parsed_update parsed(std::string_view json) {
    boost::json::parse_options options;
    options.allow_invalid_utf8 = true;
    return parse_update(boost::json::parse(json, {}, options), own_id);
}

received read(std::string_view json, known_chats& chats) {
    return read_updates(boost::json::parse(json).as_array(), own_id, chats);
}

// One line of all that an update became.
std::string line(std::string_view json) {
    const parsed_update update = parsed(json);
    if (update.kind != update_kind::message) {
        return (update.kind == update_kind::unsupported ? "unsupported: " : "unreadable: ") + update.about;
    }
    const sdk::message& m = update.what.message;
    std::string result = m.chat + (m.thread.empty() ? "" : "/" + m.thread) + " #" + m.id;
    if (!m.reply_to.empty()) {
        result += " to #" + m.reply_to;
    }
    if (m.sender) {
        result +=
            " " + m.sender->id + "=" + m.sender->name + (m.sender->bot ? " bot" : "") + (m.sender->self ? " self" : "");
    }
    const chat_entry& chat = update.what.chat;
    result += " @" + std::to_string(m.time_ms) + " [" + m.text + "] in " + std::to_string(static_cast<int>(chat.kind)) +
              ":" + chat.title;
    CHECK(chat.id == m.chat);
    CHECK(update.what.dedupe_id == m.chat + ":" + m.id);
    return result;
}

struct golden {
    const char* update;
    const char* expected;
};

}  // namespace

TEST_CASE("telegram: messages of each shape become what they say") {
    const std::vector<golden> table{
        {R"({"update_id":1,"message":{"message_id":5,"date":1700000000,"text":"hi",
             "from":{"id":7,"is_bot":false,"first_name":"Ann","last_name":"Lee","username":"ann"},
             "chat":{"id":7,"type":"private","first_name":"Ann","last_name":"Lee"}}})",
         "7 #5 7=Ann Lee @1700000000000 [hi] in 1:Ann Lee"},
        {R"({"update_id":1,"message":{"message_id":6,"date":1,"text":"x",
             "from":{"id":8,"is_bot":true,"username":"other_bot"},
             "chat":{"id":-100123,"type":"supergroup","title":"Team"},
             "reply_to_message":{"message_id":5,"chat":{"id":-100123}}}})",
         "-100123 #6 to #5 8=other_bot bot @1000 [x] in 2:Team"},
        // A topic: the implicit reply to its root is none, a real one is.
        {R"({"update_id":1,"message":{"message_id":20,"date":1,"text":"x","is_topic_message":true,
             "message_thread_id":12,"from":{"id":7,"first_name":"Ann"},
             "chat":{"id":-100123,"type":"supergroup","title":"Forum","is_forum":true},
             "reply_to_message":{"message_id":12,"forum_topic_created":{"name":"t"}}}})",
         "-100123/12 #20 7=Ann @1000 [x] in 2:Forum"},
        {R"({"update_id":1,"message":{"message_id":21,"date":1,"text":"x","is_topic_message":true,
             "message_thread_id":12,"from":{"id":7,"first_name":"Ann"},
             "chat":{"id":-100123,"type":"supergroup","title":"Forum"},"reply_to_message":{"message_id":20}}})",
         "-100123/12 #21 to #20 7=Ann @1000 [x] in 2:Forum"},
        // A reply thread in a group without topics is no thread.
        {R"({"update_id":1,"message":{"message_id":22,"date":1,"text":"x","message_thread_id":12,
             "from":{"id":7,"first_name":"Ann"},"chat":{"id":-1,"type":"group","title":"G"},
             "reply_to_message":{"message_id":12}}})",
         "-1 #22 to #12 7=Ann @1000 [x] in 2:G"},
        // A channel speaks itself, and so does an administrator behind the group.
        {R"({"update_id":1,"channel_post":{"message_id":3,"date":1,"text":"news",
             "sender_chat":{"id":-1009,"title":"News","type":"channel"},
             "chat":{"id":-1009,"title":"News","type":"channel"}}})",
         "-1009 #3 -1009=News @1000 [news] in 3:News"},
        {R"({"update_id":1,"message":{"message_id":3,"date":1,"text":"x",
             "from":{"id":1087968824,"is_bot":true,"first_name":"Group"},
             "sender_chat":{"id":-1009,"title":"Team","type":"supergroup"},
             "chat":{"id":-1009,"title":"Team","type":"supergroup"}}})",
         "-1009 #3 -1009=Team @1000 [x] in 2:Team"},
        {R"({"update_id":1,"message":{"message_id":3,"date":1,"text":"x","from":{"id":99,"is_bot":true,"first_name":"Me"},
             "chat":{"id":-1,"type":"group","title":"G"}}})",
         "-1 #3 99=Me bot self @1000 [x] in 2:G"},
        {R"({"update_id":1,"message":{"message_id":3,"date":1,"caption":"look","photo":[{"file_id":"f"}],
             "from":{"id":7,"first_name":"Ann"},"chat":{"id":7,"type":"private","first_name":"Ann"}}})",
         "7 #3 7=Ann @1000 [look] in 1:Ann"},
        // Numbers of 64 bits, and members of wrong types that are not needed.
        {R"({"update_id":1,"message":{"message_id":9007199254740993,"date":"soon","text":"x","from":7,"sender_chat":[],
             "message_thread_id":"7","is_topic_message":1,"reply_to_message":{"message_id":null},
             "chat":{"id":-9007199254740993,"type":5,"title":{}}}})",
         "-9007199254740993 #9007199254740993 @0 [x] in 2:"},
        {R"({"update_id":1,"message":{"message_id":1,"date":9223372036854775807,"text":"x","chat":{"id":1}}})",
         "1 #1 @9223372036854775000 [x] in 2:"},
        {R"({"update_id":1,"message":{"message_id":1,"date":-5,"text":"x","chat":{"id":1}}})", "1 #1 @0 [x] in 2:"},
    };
    for (const golden& each : table) {
        CAPTURE(each.update);
        CHECK(line(each.update) == each.expected);
    }
}

TEST_CASE("telegram: what is not carried is told from what cannot be read") {
    const std::vector<golden> table{
        {R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"sticker":{}}})",
         "unsupported: message without text"},
        {R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":""}})",
         "unsupported: message without text"},
        {R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":5}})", "unsupported: message without text"},
        {R"({"update_id":1,"poll_answer":{"x":1}})", "unsupported: poll_answer"},
        {R"({"update_id":1})", "unsupported: an empty update"},
        {R"({"update_id":1,"message":5})", "unreadable: message is no object"},
        {R"({"update_id":1,"message":{}})", "unreadable: message.chat.id is no number"},
        {R"({"update_id":1,"message":{"chat":{"id":"1"},"message_id":1}})", "unreadable: message.chat.id is no number"},
        {R"({"update_id":1,"message":{"chat":{"id":1e30},"message_id":1}})",
         "unreadable: message.chat.id is no number"},
        {R"({"update_id":1,"channel_post":{"chat":{"id":1}}})", "unreadable: channel_post.message_id is no number"},
        {R"({"update_id":"1","message":{}})", "unreadable: update_id is no number that fits"},
        {R"({"update_id":-1,"message":{}})", "unreadable: update_id is no number that fits"},
        {R"({"update_id":18446744073709551615})", "unreadable: update_id is no number that fits"},
        {R"({"update_id":4294967296})", "unreadable: update_id is no number that fits"},
        {R"([])", "unreadable: update_id is no number that fits"},
        {R"(null)", "unreadable: update_id is no number that fits"},
    };
    for (const golden& each : table) {
        CAPTURE(each.update);
        CHECK(line(each.update) == each.expected);
    }
}

TEST_CASE("telegram: texts and names are mended and cut to what the host takes") {
    const auto update =
        parsed("{\"update_id\":1,\"message\":{\"message_id\":1,\"text\":\"a\xff\",\"from\":{\"id\":1," +
               ("\"first_name\":\"" + std::string(3000, 'f') + "\",\"last_name\":\"") + std::string(3000, 'l') +
               "\"},\"chat\":{\"id\":1,\"title\":\"" + std::string(3000, 't') + "\"}}}");
    REQUIRE(update.kind == update_kind::message);
    CHECK(update.what.message.text == "a\xef\xbf\xbd");
    CHECK(update.what.message.sender->name.size() <= GW_MAX_NAME_BYTES);
    CHECK(update.what.chat.title.size() == GW_MAX_NAME_BYTES);
    const auto large = parsed(R"({"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":")" +
                              std::string(100'000, 'x') + "\"}}");
    CHECK(large.what.message.text.size() == GW_MAX_TEXT_BYTES);
}

TEST_CASE("telegram: the next offset follows the last update, not the greatest") {
    known_chats chats;
    CHECK(read(R"([{"update_id":5},{"update_id":6},{"update_id":9}])", chats).next_offset == 10);
    CHECK(read(R"([{"update_id":2000000000},{"update_id":17}])", chats).next_offset == 18);
    CHECK(read(R"([{"update_id":2147483647}])", chats).next_offset == 2147483648);
    CHECK(read(R"([{"update_id":5},{"update_id":"broken"}])", chats).next_offset == 6);
    CHECK_FALSE(read(R"([{"update_id":"broken"},7])", chats).next_offset);
}

TEST_CASE("telegram: one bad update does not stop the others") {
    known_chats chats;
    const auto all = read(R"([{"update_id":1,"message":{}},
        {"update_id":2,"message":{"message_id":1,"text":"x","chat":{"id":1,"type":"private"}}},
        {"update_id":3,"poll":{}},{"update_id":4,"story":{}}])",
                          chats);
    CHECK(all.messages == 1);
    CHECK(all.events.events() == 2);  // the chat, then the message
    CHECK(all.unreadable == std::vector<std::string>{"message.chat.id is no number"});
    CHECK(all.unsupported == 2);
    CHECK(all.unsupported_kind == "poll");
    CHECK(all.next_offset == 5);
}

TEST_CASE("telegram: more updates than were asked for come again") {
    std::string many = "[";
    for (int id = 1; id <= 150; ++id) {
        many.append(id == 1 ? "" : ",").append(R"({"update_id":)").append(std::to_string(id)).append("}");
    }
    known_chats chats;
    const auto all = read(many + "]", chats);
    CHECK(all.next_offset == max_updates + 1);
    CHECK(all.unsupported == 100);
}

TEST_CASE("telegram: a chat enters the directory once, and again when its title or kind changes") {
    known_chats chats;
    CHECK(chats.learn({sdk::chat_kind::group, "1", "Team"}));
    CHECK_FALSE(chats.learn({sdk::chat_kind::group, "1", "Team"}));
    CHECK(chats.learn({sdk::chat_kind::group, "1", "The team"}));
    CHECK_FALSE(chats.learn({sdk::chat_kind::group, "1", "The team"}));
    CHECK(chats.learn({sdk::chat_kind::channel, "1", "The team"}));
    CHECK(chats.learn({sdk::chat_kind::group, "2", "Team"}));
}

TEST_CASE("telegram: the memory of chats is bounded") {
    known_chats chats;
    for (std::size_t index = 0; index < known_chats::max_chats; ++index) {
        CHECK(chats.learn({sdk::chat_kind::group, std::to_string(index), "t"}));
    }
    CHECK_FALSE(chats.learn({sdk::chat_kind::group, "0", "t"}));
    CHECK(chats.learn({sdk::chat_kind::group, "one more", "t"}));
    CHECK(chats.learn({sdk::chat_kind::group, "0", "t"}));  // told again, which does no harm
}
