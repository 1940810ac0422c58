// Telegram's instances against a scripted host: the calls they make, and that nothing outlives them.
#include "telegram_adapter.hpp"

#include "abi/fake_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

using namespace gateway;
using test::fake_host;

// The module's own entry; the manifest stays with the module.
GATEWAY_ADAPTER(gateway::telegram::adapter, "{}");

namespace {

constexpr std::string_view config =
    R"({"token":"99:AAAAAAAAAAAAAAAAAAAAAA","api_root":"http://127.0.0.1:1","http":"1"})";
constexpr std::string_view base = "POST http://127.0.0.1:1/bot99:AAAAAAAAAAAAAAAAAAAAAA/";
constexpr std::string_view bot = R"({"ok":true,"result":{"id":99,"is_bot":true,"username":"a_bot"}})";
constexpr std::string_view nothing = R"({"ok":true,"result":[]})";
constexpr std::string_view hello =
    R"({"ok":true,"result":[{"update_id":41,"message":{"message_id":1,"date":5,"text":"hi",
        "from":{"id":7,"first_name":"Ann"},"chat":{"id":7,"type":"private","first_name":"Ann"}}}]})";
constexpr std::string_view unauthorized = R"({"ok":false,"error_code":401,"description":"Unauthorized"})";

struct instance {
    fake_host host{gateway_adapter_v1};

    [[nodiscard]] const test::pending_op* calling(std::string_view method) const {
        const std::string wanted = std::string(base).append(method);
        const auto at = std::find_if(host.operations.begin(), host.operations.end(), [&](const auto& op) {
            return op.kind == GW_COMPLETION_HTTP && op.what == wanted;
        });
        return at == host.operations.end() ? nullptr : &*at;
    }
    void complete(std::string_view method, const gw_http_response& with) {
        const test::pending_op* pending = calling(method);
        REQUIRE(pending != nullptr);
        gw_http_response response = with;
        response.base.struct_size = sizeof response;
        response.base.kind = GW_COMPLETION_HTTP;
        response.base.op = pending->op;
        std::erase_if(host.operations, [op = pending->op](const auto& each) { return each.op == op; });
        host.complete(response.base);
    }
    void answer(std::string_view method, std::string_view body, int status = 200) {
        const std::string copy(body);  // dies with this call
        gw_http_response response{};
        response.http_status = status;
        response.body = sdk::to_gw_bytes(copy);
        complete(method, response);
    }
    void break_call(std::string_view method, gw_status status, std::string_view code, std::int32_t written) {
        gw_http_response response{};
        response.base.status = status;
        response.written = written;
        response.code = sdk::to_gw(code);
        response.text = sdk::to_gw("It broke.");
        complete(method, response);
    }
    void deliver_photo(std::string_view source) {
        gw_attachment photo{};
        photo.struct_size = sizeof photo;
        photo.kind = GW_ATTACHMENT_PHOTO;
        photo.source = sdk::to_gw(source);
        photo.id = sdk::to_gw("f1");
        gw_message message{};
        message.struct_size = sizeof message;
        message.chat = sdk::to_gw("7");
        message.attachments = {&photo, 1, sizeof photo};
        host.deliver({sizeof(gw_delivery), GW_DELIVERY_MESSAGE, 5, 0, 1, &message, {}});
    }
    void start(std::string_view with = config) {
        REQUIRE(host.create(with, "tg") == GW_OK);
        host.connect();
        host.settle();
    }
    void go_online(std::string_view with = config) {
        start(with);
        answer("getMe", bot);
        answer("getUpdates", nothing);
        REQUIRE(host.connected);
    }
};

}  // namespace

TEST_CASE_FIXTURE(instance, "telegram: create does no I/O, and a malformed token is refused by its key") {
    CHECK(host.create(config, "tg") == GW_OK);
    CHECK(host.operations.empty());
    host.destroy();
    CHECK(host.create(R"({"token":"nonsense"})", "tg") == GW_ERR_CONFIG);
    REQUIRE(host.log.size() == 1);
    CHECK(host.log[0].starts_with("token: "));
    CHECK(host.log[0].find("nonsense") == std::string::npos);
}

TEST_CASE_FIXTURE(instance, "telegram: online after the token check and the first poll, with who the bot is") {
    start();
    CHECK(calling("getMe") != nullptr);
    CHECK(calling("getUpdates") != nullptr);
    answer("getUpdates", nothing);
    CHECK_FALSE(host.connected);
    answer("getMe", bot);
    CHECK(host.connected == "99");
    CHECK(calling("getUpdates") != nullptr);
    CHECK(host.submitted.empty());
}

TEST_CASE_FIXTURE(instance,
                  "telegram: a message, its chat and the offset are one transaction, and only then confirmed") {
    go_online();
    answer("getUpdates", hello);
    REQUIRE(host.submitted.size() == 1);
    CHECK(host.submitted[0].writes.at("offset") == "42");
    CHECK(calling("getUpdates") == nullptr);
    host.settle();
    REQUIRE(host.journal.size() == 2);
    CHECK(host.journal[0].kind == GW_EVENT_CHAT);
    CHECK(host.journal[0].text == "Ann");
    CHECK(host.journal[1].text == "hi");
    CHECK(host.journal[1].chat == "7");
    CHECK(host.journal[1].dedupe_id == "7:1");
    CHECK(calling("getUpdates") != nullptr);
}

TEST_CASE_FIXTURE(instance, "telegram: the same message again, under another update id, is stored once") {
    go_online();
    answer("getUpdates", hello);
    host.settle();
    go_online();  // a fresh incarnation
    answer("getUpdates", R"({"ok":true,"result":[{"update_id":900,"message":{"message_id":1,"date":5,"text":"hi",
        "from":{"id":7,"first_name":"Ann"},"chat":{"id":7,"type":"private","first_name":"Ann"}}}]})");
    host.settle();
    CHECK(std::count_if(host.journal.begin(), host.journal.end(),
                        [](const auto& event) { return event.kind == GW_EVENT_MESSAGE; }) == 1);
    CHECK(host.kv.at("offset") == "901");
}

TEST_CASE_FIXTURE(instance,
                  "telegram: whoever pressed a button is answered at once, and whether that works is no matter") {
    go_online();
    answer("getUpdates", R"({"ok":true,"result":[{"update_id":41,"callback_query":{"id":"q1","from":{"id":7},"data":"x",
        "message":{"message_id":1,"chat":{"id":7,"type":"private"}}}}]})");
    REQUIRE(calling("answerCallbackQuery") != nullptr);
    answer("answerCallbackQuery", R"({"ok":false,"error_code":400,"description":"query is too old"})", 400);
    CHECK(calling("answerCallbackQuery") == nullptr);
    CHECK(host.lost.empty());
    host.settle();
    CHECK(host.journal.back().kind == GW_EVENT_INTERACTION);
    CHECK(host.kv.at("offset") == "42");
}

TEST_CASE_FIXTURE(instance, "telegram: many pressed buttons are answered a few at a time") {
    go_online();
    std::string updates;
    for (int id = 1; id <= 20; ++id) {
        updates.append(updates.empty() ? "" : ",")
            .append(R"({"update_id":)" + std::to_string(id) + R"(,"callback_query":{"id":"q)" + std::to_string(id) +
                    R"(","inline_message_id":"1"}})");
    }
    answer("getUpdates", R"({"ok":true,"result":[)" + updates + "]}");
    const auto under_way = [this] {
        const std::string wanted = std::string(base) + "answerCallbackQuery";
        return std::count_if(host.operations.begin(), host.operations.end(),
                             [&](const auto& op) { return op.what == wanted; });
    };
    int answered = 0;
    while (calling("answerCallbackQuery") != nullptr) {
        CHECK(under_way() <= 8);
        answer("answerCallbackQuery", R"({"ok":true,"result":true})");
        ++answered;
    }
    CHECK(answered == 20);
}

TEST_CASE_FIXTURE(instance, "telegram: a file is asked for, then downloaded to where the host wants it") {
    go_online();
    host.fetch(3, "FILE", "/there", 1'000'000);
    answer("getFile", R"({"ok":true,"result":{"file_id":"FILE","file_size":5,"file_path":"photos/file 1.jpg"}})");
    const std::string wanted = "GET http://127.0.0.1:1/file/bot99:AAAAAAAAAAAAAAAAAAAAAA/photos/file%201.jpg";
    const auto at =
        std::find_if(host.operations.begin(), host.operations.end(), [&](const auto& op) { return op.what == wanted; });
    REQUIRE(at != host.operations.end());
    gw_http_response response{};
    response.base = {sizeof response, GW_COMPLETION_HTTP, at->op, GW_OK, 0};
    gw_status expected = GW_OK;
    response.http_status = 200;
    SUBCASE("and it comes") {}
    SUBCASE("and it is not there") {
        response.http_status = 404;
        expected = GW_ERR_NOT_FOUND;
    }
    SUBCASE("and it is larger than was said") {
        response.http_status = 0;
        response.base.status = expected = GW_ERR_TOO_LARGE;
    }
    host.operations.erase(at);
    host.complete(response.base);
    REQUIRE(host.fetched.size() == 1);
    CHECK(host.fetched[0].fetch == 3);
    CHECK(host.fetched[0].status == expected);
    CHECK(host.fetched[0].text.find("AAAA") == std::string::npos);
}

TEST_CASE_FIXTURE(instance, "telegram: files are got a few at a time, and each is answered") {
    go_online();
    for (std::uint64_t id = 1; id <= 70; ++id) {
        host.fetch(id, "FILE", "/there", 1'000);
    }
    CHECK(host.fetched.size() == 2);  // 4 under way, 64 waiting, the others refused
    std::size_t asked = 0;
    for (; calling("getFile") != nullptr; ++asked) {
        answer("getFile", R"({"ok":false,"error_code":400,"description":"Bad Request: file is too big"})", 400);
    }
    CHECK(asked == 68);
    CHECK(host.fetched.size() == 70);
    CHECK(host.fetched.back().status == GW_ERR_TOO_LARGE);
    CHECK(host.fetched.back().code == "too_large");
}

TEST_CASE_FIXTURE(instance, "telegram: a busy host gets the batch again later") {
    go_online();
    host.answers["submit"] = {GW_ERR_BUSY, GW_ERR_BUSY};
    answer("getUpdates", hello);
    CHECK(host.submitted.empty());
    host.advance(100);
    CHECK(host.submitted.empty());
    host.advance(200);
    CHECK(host.submitted.size() == 1);
    CHECK(host.journal.size() == 2);
    CHECK(calling("getUpdates") != nullptr);
}

TEST_CASE_FIXTURE(instance, "telegram: a commit that fails is repeated and never confirmed before it works") {
    go_online();
    answer("getUpdates", hello);
    REQUIRE(host.complete_next(GW_COMPLETION_COMMIT, GW_ERR_IO));
    CHECK(calling("getUpdates") == nullptr);
    host.advance(1'000);
    CHECK(host.submitted.size() == 2);
    CHECK(host.journal.size() == 2);
    CHECK(calling("getUpdates") != nullptr);
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(instance, "telegram: a wrong token is reported once, without the token") {
    start();
    answer("getMe", unauthorized, 401);
    answer("getUpdates", unauthorized, 401);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_AUTH);
    CHECK(host.lost[0].code == "unauthorized");
    CHECK(host.lost[0].text.find("AAAA") == std::string::npos);
}

TEST_CASE_FIXTURE(instance, "telegram: a poll that the host gave up waiting for is a stall") {
    go_online();
    host.advance(60'000);
    break_call("getUpdates", GW_ERR_TIMEOUT, "timeout_idle", GW_HTTP_WRITTEN_MAYBE);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_TRANSIENT);
    CHECK(host.lost[0].code == "poll_stalled");
}

TEST_CASE_FIXTURE(instance, "telegram: a delivery is sent and receipted with the message's id") {
    go_online();
    host.deliver(5, "7", "hello");
    answer("sendMessage", R"({"ok":true,"result":{"message_id":12}})");
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].delivery == 5);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_SENT);
    CHECK(host.receipts[0].message_ids == std::vector<std::string>{"12"});
}

TEST_CASE_FIXTURE(instance, "telegram: a file of another instance is got by the host, then sent") {
    go_online();
    deliver_photo("dc");
    REQUIRE(host.pending(GW_COMPLETION_FILE) != nullptr);
    CHECK(host.pending(GW_COMPLETION_FILE)->what == "dc f1");
    CHECK(calling("sendPhoto") == nullptr);
    SUBCASE("and it is there") {
        const test::pending_op op = *host.pending(GW_COMPLETION_FILE);
        gw_file file{};
        file.base = {sizeof file, GW_COMPLETION_FILE, op.op, GW_OK, 0};
        const std::string path = "/cache/1";
        file.path = sdk::to_gw(path);
        file.size = 5;
        host.complete(file.base);
        CHECK(calling("sendPhoto") != nullptr);
    }
    SUBCASE("and it is not") {
        host.complete_next(GW_COMPLETION_FILE, GW_ERR_NOT_FOUND);
        CHECK(calling("sendMessage") != nullptr);
    }
}

TEST_CASE_FIXTURE(instance, "telegram: a file of its own needs nobody") {
    go_online();
    deliver_photo("tg");
    CHECK(host.pending(GW_COMPLETION_FILE) == nullptr);
    CHECK(calling("sendPhoto") != nullptr);
}

TEST_CASE_FIXTURE(instance, "telegram: with a host that gets no files, their names are sent") {
    host.missing.insert(GW_EXT_FILES);
    go_online();
    deliver_photo("dc");
    CHECK(calling("sendMessage") != nullptr);
}

TEST_CASE_FIXTURE(instance, "telegram: closing does not wait for files") {
    go_online();
    deliver_photo("dc");
    host.close();
    CHECK(host.closed == 1);
    CHECK(host.receipts.at(0).outcome == GW_OUTCOME_RETRY);
    host.complete_next(GW_COMPLETION_FILE, GW_ERR_CANCELLED);
    CHECK(host.closed == 1);
}

TEST_CASE_FIXTURE(instance,
                  "telegram: typing is told again after 4.5 seconds, and no longer once the message is sent") {
    go_online();
    gw_message where{};
    where.struct_size = sizeof where;
    where.chat = sdk::to_gw("7");
    host.deliver({sizeof(gw_delivery), GW_DELIVERY_TYPING, 0, 0, 1, &where, {}});
    answer("sendChatAction", R"({"ok":true,"result":true})");
    host.advance(4'499);
    CHECK(calling("sendChatAction") == nullptr);
    host.advance(1);
    answer("sendChatAction", R"({"ok":true,"result":true})");
    where.text = sdk::to_gw("hello");
    host.deliver({sizeof(gw_delivery), GW_DELIVERY_MESSAGE, 5, 0, 1, &where, {}});
    answer("sendMessage", R"({"ok":true,"result":{"message_id":12}})");
    host.advance(10'000);
    CHECK(calling("sendChatAction") == nullptr);
    CHECK(host.receipts.size() == 1);
}

TEST_CASE_FIXTURE(instance, "telegram: by itself, polls go as the host chooses and sends over HTTP/1.1") {
    go_online(R"({"token":"99:AAAAAAAAAAAAAAAAAAAAAA","api_root":"http://127.0.0.1:1"})");
    host.deliver(5, "7", "hello");
    REQUIRE(calling("getUpdates") != nullptr);
    REQUIRE(calling("sendMessage") != nullptr);
    CHECK(calling("getUpdates")->version == GW_HTTP_VERSION_AUTO);
    CHECK(calling("sendMessage")->version == GW_HTTP_VERSION_1);
}

TEST_CASE_FIXTURE(instance, "telegram: a message refused for the token's sake goes back, and the instance is lost") {
    go_online();
    host.deliver(5, "7", "hello");
    answer("sendMessage", unauthorized, 401);
    REQUIRE(host.receipts.size() == 1);
    CHECK(host.receipts[0].outcome == GW_OUTCOME_RETRY);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].failure_class == GW_FAILURE_AUTH);
}

TEST_CASE_FIXTURE(instance, "telegram: closing cancels the poll and is done at once when nothing is being sent") {
    go_online();
    const auto polling = calling("getUpdates")->op;
    host.close();
    CHECK(std::find(host.cancelled.begin(), host.cancelled.end(), polling) != host.cancelled.end());
    CHECK(host.closed == 1);
    break_call("getUpdates", GW_ERR_CANCELLED, "cancelled", GW_HTTP_WRITTEN_MAYBE);
    CHECK(host.closed == 1);
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(instance, "telegram: closing while connecting leaves nothing under way") {
    start();
    host.close();
    CHECK(host.cancelled.size() == 2);
    CHECK(host.closed == 1);
}

TEST_CASE_FIXTURE(instance, "telegram: closing waits two seconds at most for the outcome of what is being sent") {
    go_online();
    host.deliver(5, "7", "hello");
    host.close();
    CHECK(host.closed == 0);
    SUBCASE("and it comes") {
        answer("sendMessage", R"({"ok":true,"result":{"message_id":12}})");
        CHECK(host.receipts.at(0).outcome == GW_OUTCOME_SENT);
        CHECK(host.closed == 1);
        host.advance(5'000);
    }
    SUBCASE("and it does not") {
        host.advance(1'999);
        CHECK(host.closed == 0);
        host.advance(1);
        CHECK(host.receipts.at(0).outcome == GW_OUTCOME_UNKNOWN);
        CHECK(host.closed == 1);
        answer("sendMessage", R"({"ok":true,"result":{"message_id":12}})");  // too late
    }
    CHECK(host.closed == 1);
    CHECK(host.receipts.size() == 1);
}

TEST_CASE_FIXTURE(instance, "telegram: an incarnation ends quietly at every stage") {
    start();
    host.destroy();
    go_online();
    host.deliver(5, "7", "hello");
    answer("getUpdates", hello);
    host.destroy();
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(instance, "telegram: what it says to a dead incarnation's host is dropped") {
    start();
    host.dead = true;
    answer("getMe", bot);
    answer("getUpdates", hello);
    CHECK_FALSE(host.connected);
    CHECK(host.lost.empty());
}

TEST_CASE_FIXTURE(instance, "telegram: nothing it logs or reports holds the token") {
    start();
    answer("getMe", R"({"ok":false,"error_code":500,"description":"Cannot POST /bot99:AAAAAAAAAAAAAAAAAAAAAA/getMe"})",
           500);
    REQUIRE(host.lost.size() == 1);
    CHECK(host.lost[0].text.find("AAAAAAAA") == std::string::npos);
    for (const std::string& line : host.log) {
        CHECK(line.find("AAAAAAAA") == std::string::npos);
    }
}
