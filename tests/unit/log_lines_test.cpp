#include "log/log.hpp"
#include "log/secrets.hpp"
#include "log/utf8.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace glog = gateway::log;

// Collects the log's lines for one test and restores the defaults afterwards.
class captured_log {
public:
    explicit captured_log(glog::line_format format, glog::level threshold = glog::level::debug,
                          bool for_journal = false) {
        glog::configure({threshold, format, for_journal, [this](std::string_view line) { lines.emplace_back(line); }});
    }
    ~captured_log() { glog::configure({}); }

    // The only line, without the time in front of it.
    std::string text() const {
        REQUIRE(lines.size() == 1);
        REQUIRE(lines[0].size() > 25);
        CHECK(lines[0].find('\n') == lines[0].size() - 1);
        return lines[0].substr(25, lines[0].size() - 26);
    }
    boost::json::object json() const {
        REQUIRE(lines.size() == 1);
        CHECK(lines[0].find('\n') == lines[0].size() - 1);
        return boost::json::parse(lines[0]).as_object();
    }

    std::vector<std::string> lines;
};

bool is_rfc3339(std::string_view time) {
    const std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (time.size() != shape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 'd' ? (time[i] < '0' || time[i] > '9') : time[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("log: a text line holds time, level, message and fields") {
    captured_log log{glog::line_format::text};
    glog::info("connected", {{"instance", "tg"}, {"attempts", 3}, {"proven", true}, {"ratio", 0.5}});
    CHECK(log.text() == "info connected instance=tg attempts=3 proven=true ratio=0.5");
    CHECK(is_rfc3339(log.lines[0].substr(0, 24)));
}

TEST_CASE("log: a JSON line is one object with time, level, msg and typed fields") {
    captured_log log{glog::line_format::json};
    glog::warning("lost", {{"instance", std::string{"tg"}},
                           {"attempts", std::uint64_t{18446744073709551615U}},
                           {"retry_ms", std::chrono::seconds{30}},
                           {"proven", false}});
    const auto line = log.json();
    CHECK(is_rfc3339(line.at("time").as_string()));
    CHECK(line.at("level").as_string() == "warning");
    CHECK(line.at("msg").as_string() == "lost");
    CHECK(line.at("instance").as_string() == "tg");
    CHECK(line.at("attempts").as_uint64() == 18446744073709551615U);
    CHECK(line.at("retry_ms").as_int64() == 30000);
    CHECK(line.at("proven").as_bool() == false);
    CHECK(log.lines[0].starts_with("{\"time\":\""));
}

TEST_CASE("log: numbers JSON cannot hold become null") {
    captured_log log{glog::line_format::json};
    glog::info("odd", {{"ratio", std::numeric_limits<double>::quiet_NaN()}});
    CHECK(log.json().at("ratio").is_null());
}

TEST_CASE("log: a field cannot take the place of time, level or msg") {
    captured_log log{glog::line_format::json};
    glog::info("true message", {{"msg", "false message"}, {"level", "none"}});
    CHECK(log.json().at("msg").as_string() == "true message");
    CHECK(log.json().at("msg_").as_string() == "false message");
    CHECK(log.json().at("level").as_string() == "info");
}

TEST_CASE("log: a line below the threshold is not written") {
    captured_log log{glog::line_format::text, glog::level::warning};
    CHECK_FALSE(glog::enabled(glog::level::info));
    glog::info("quiet");
    CHECK(log.lines.empty());
    glog::error("loud");
    CHECK(log.text() == "error loud");
}

TEST_CASE("log: with the threshold off nothing is written") {
    captured_log log{glog::line_format::text, glog::level::off};
    glog::error("loud");
    CHECK(log.lines.empty());
}

TEST_CASE("log: an adapter's text cannot forge a second line or move the cursor") {
    captured_log log{glog::line_format::text};
    glog::info("a\nb\r\x1b[2J", {{"text", "x\ny"}, {"rtl", "\xE2\x80\xAEtxt"}, {"c1", "\xC2\x9B"}});
    CHECK(log.text() == R"(info a\nb\r\u001b[2J text=x\ny rtl=\u202etxt c1=\u009b)");
}

TEST_CASE("log: a value with spaces, quotes or equal signs is quoted") {
    captured_log log{glog::line_format::text};
    glog::info("m", {{"a", "two words"}, {"b", "say \"hi\""}, {"c", "k=v"}, {"d", ""}});
    CHECK(log.text() == R"(info m a="two words" b="say \"hi\"" c="k=v" d="")");
}

TEST_CASE("log: ill-formed UTF-8 is marked and never breaks a line of JSON") {
    SUBCASE("text") {
        captured_log log{glog::line_format::text};
        glog::info("bad \xFF\xC0\xAF \xED\xA0\x80 end\xE2\x82");
        CHECK(log.text() == R"(info bad \xff\xc0\xaf \xed\xa0\x80 end\xe2\x82)");
    }
    SUBCASE("JSON") {
        captured_log log{glog::line_format::json};
        glog::info("bad \xFF", {{"text", "\x80"}});
        CHECK(log.json().at("msg").as_string() == "bad \xEF\xBF\xBD");
        CHECK(log.json().at("text").as_string() == "\xEF\xBF\xBD");
    }
}

TEST_CASE("log: a long message is cut between characters and says how much is missing") {
    captured_log log{glog::line_format::text};
    std::string message(glog::max_message_bytes - 1, 'x');
    message += "\xE2\x82\xAC and more";
    glog::info(message);
    const std::string line = log.text();
    CHECK(line.ends_with("x… (12 bytes more)"));
    CHECK(glog::invalid_utf8_at(line) == std::string::npos);
}

TEST_CASE("log: long values and too many fields are cut") {
    captured_log log{glog::line_format::json};
    const std::string value(glog::max_value_bytes + 5, 'v');
    std::vector<glog::field> fields(40, {"n", 1});
    fields[0] = {"long", value};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        names.push_back(std::string{"f"}.append(std::to_string(i)));
    }
    for (std::size_t i = 1; i < fields.size(); ++i) {
        fields[i].name = names[i];
    }
    glog::write(glog::level::info, "m", fields);
    const auto line = log.json();
    CHECK(line.size() == glog::max_fields + 3);
    CHECK(line.at("long").as_string().ends_with("v… (5 bytes more)"));
}

TEST_CASE("log: no part of a secret survives where a long message is cut") {
    glog::secrets().add("cut-me-if-you-can");
    captured_log log{glog::line_format::text};
    glog::info(std::string(glog::max_message_bytes - 6, 'x') + "cut-me-if-you-can");
    CHECK(log.lines[0].find("cut-me") == std::string::npos);
}

TEST_CASE("log: a secret is replaced in message, value and their escaped forms") {
    const std::string secret = "pa\"ss\nword\\1";
    glog::secrets().add(secret);
    for (const auto format : {glog::line_format::text, glog::line_format::json}) {
        captured_log log{format};
        glog::info("with " + secret, {{"url", "https://h/" + secret + "/getMe"}});
        CHECK(log.lines[0].find("word") == std::string::npos);
        CHECK(log.lines[0].find("with [secret]") != std::string::npos);
        CHECK(log.lines[0].find("https://h/[secret]/getMe") != std::string::npos);
    }
}

TEST_CASE("log: a secret spread over message and field by nobody's intent is caught in the finished line") {
    glog::secrets().add("message key=val");
    captured_log log{glog::line_format::text};
    glog::info("message", {{"key", "val"}});
    CHECK(log.text() == "info [secret]");
}

TEST_CASE("log: for the journal each line starts with its priority and leaves time and level to it") {
    captured_log log{glog::line_format::text, glog::level::debug, true};
    glog::error("broken", {{"instance", "tg"}});
    glog::info("fine");
    REQUIRE(log.lines.size() == 2);
    CHECK(log.lines[0] == "<3>broken instance=tg\n");
    CHECK(log.lines[1] == "<6>fine\n");
}

TEST_CASE("log: lines of several threads do not mix") {
    captured_log log{glog::line_format::json};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 100; ++i) {
                glog::secrets().add(std::string{"thread-secret-"}.append(std::to_string(t * 1000 + i)));
                glog::info("line", {{"thread", t}, {"i", i}});
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(log.lines.size() == 400);
    for (const auto& line : log.lines) {
        boost::json::error_code error;
        const auto parsed = boost::json::parse(line, error);
        CHECK_FALSE(error);
    }
}

TEST_CASE("log: level and format names are read and written") {
    CHECK(glog::parse_level("debug") == glog::level::debug);
    CHECK(glog::parse_level("warn") == glog::level::warning);
    CHECK(glog::parse_level("warning") == glog::level::warning);
    CHECK(glog::parse_level("loud") == std::nullopt);
    CHECK(glog::to_string(glog::level::error) == "error");
    CHECK(glog::parse_line_format("json") == glog::line_format::json);
    CHECK(glog::parse_line_format("xml") == std::nullopt);
}
