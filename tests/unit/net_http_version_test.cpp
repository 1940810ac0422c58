// The choice between HTTP/1.1 and HTTP/2 where it is left to the host.
#include "net/http_version_choice.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gateway::net;
using namespace std::chrono_literals;
using outcome = http_version_choice::outcome;

namespace {

constexpr auto start = http_version_choice::time_point{} + 1h;

struct choosing {
    explicit choosing(std::size_t http2_from) : choice(http2_from) {}

    http_version begin(const std::string& origin = "one") { return choice.begin(origin, now); }
    void end(http_version with, outcome how, const std::string& origin = "one") { choice.end(origin, with, how, now); }
    // One request that ends like this, some time later.
    http_version goes(outcome how) {
        const auto version = begin();
        now += 10s;
        end(version, how);
        return version;
    }

    http_version_choice choice;
    http_version_choice::time_point now = start;
};

}  // namespace

TEST_CASE("http version: HTTP/1.1 while few are under way to an origin, HTTP/2 for what exceeds them") {
    choosing it{2};
    CHECK(it.begin() == http_version::http1);
    CHECK(it.begin() == http_version::http1);
    CHECK(it.begin() == http_version::http2);
    CHECK(it.begin("another") == http_version::http1);
    it.end(http_version::http1, outcome::answered);
    it.end(http_version::http1, outcome::neither);
    CHECK(it.begin() == http_version::http1);
}

TEST_CASE("http version: the one that breaks three times without an answer is avoided for a while") {
    for (const std::size_t http2_from : {0U, 100U}) {
        CAPTURE(http2_from);
        choosing it{http2_from};
        const auto usual = http2_from == 0 ? http_version::http2 : http_version::http1;
        const auto other = http2_from == 0 ? http_version::http1 : http_version::http2;
        CHECK(it.goes(outcome::broke) == usual);
        CHECK(it.goes(outcome::broke) == usual);
        CHECK(it.goes(outcome::answered) == usual);
        for (int i = 0; i < 3; ++i) {
            CHECK(it.goes(outcome::broke) == usual);
        }
        CHECK(it.goes(outcome::answered) == other);
        it.now += http_version_choice::avoided - 11s;
        CHECK(it.goes(outcome::answered) == other);
        it.now += 1s;
        CHECK(it.goes(outcome::broke) == usual);
        CHECK(it.goes(outcome::broke) == usual);  // counted anew
    }
}

TEST_CASE("http version: requests that a connection takes with it are one breakdown") {
    choosing it{0};
    for (int i = 0; i < 50; ++i) {
        it.begin();
    }
    for (int i = 0; i < 50; ++i) {
        it.now += 10ms;
        it.end(http_version::http2, outcome::broke);
    }
    CHECK(it.goes(outcome::neither) == http_version::http2);
}

TEST_CASE("http version: when both break, the usual one is as good as the other") {
    choosing it{0};
    for (int i = 0; i < 3; ++i) {
        CHECK(it.goes(outcome::broke) == http_version::http2);
    }
    for (int i = 0; i < 3; ++i) {
        CHECK(it.goes(outcome::broke) == http_version::http1);
    }
    CHECK(it.goes(outcome::answered) == http_version::http2);
    CHECK(it.goes(outcome::answered) == http_version::http2);
}

TEST_CASE("http version: what says nothing about the version changes nothing") {
    choosing it{0};
    for (int i = 0; i < 10; ++i) {
        CHECK(it.goes(outcome::neither) == http_version::http2);
    }
    CHECK(it.choice.origins() == 0);
}

TEST_CASE("http version: of origins without a request under way, a bounded number is remembered") {
    choosing it{0};
    it.begin("stays");
    for (std::size_t i = 0; i < 3 * http_version_choice::max_remembered; ++i) {
        const std::string origin = std::to_string(i);
        it.end(it.begin(origin), outcome::broke, origin);
    }
    CHECK(it.choice.origins() <= http_version_choice::max_remembered);
    it.end(http_version::http2, outcome::answered, "stays");
}
