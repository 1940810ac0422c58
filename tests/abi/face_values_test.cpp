// The face's small parts by themselves: durations, callbacks, arrays, sizes.
#include <gateway/cpp/gateway.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>

using namespace gateway;
using namespace std::chrono_literals;

TEST_CASE("duration: a whole number and a unit") {
    CHECK(sdk::parse_duration("0s") == 0ms);
    CHECK(sdk::parse_duration("250ms") == 250ms);
    CHECK(sdk::parse_duration("2s") == 2s);
    CHECK(sdk::parse_duration("5m") == 5min);
    CHECK(sdk::parse_duration("1h") == 1h);
    CHECK(sdk::parse_duration("365d") == 365 * 24h);
}

TEST_CASE("duration: anything else is none") {
    for (const char* text : {"", "s", "2", "2 s", " 2s", "2s ", "-2s", "+2s", "1.5s", "2sec", "2S", "366d", "1m30s",
                             "99999999999999999999s", "9223372036854775807d"}) {
        CAPTURE(text);
        CHECK_FALSE(sdk::parse_duration(text));
    }
}

TEST_CASE("callback: small and large captures run, move and are destroyed once") {
    const auto held = std::make_shared<int>(0);
    const std::array<char, 100> ballast{};
    int runs = 0;
    {
        sdk::callback<int> small([held, &runs](int by) { runs += by; });
        sdk::callback<int> large([held, &runs, ballast](int by) { runs += by + ballast[0]; });
        CHECK(held.use_count() == 3);
        sdk::callback<int> moved(std::move(small));
        small = std::move(large);
        CHECK(held.use_count() == 3);
        moved(1);
        small(10);
        CHECK_FALSE(large);
    }
    CHECK(runs == 11);
    CHECK(held.use_count() == 1);
}

TEST_CASE("callback: a capture that can only be moved is fine") {
    int got = 0;
    sdk::callback<> call([owned = std::make_unique<int>(7), &got] { got = *owned; });
    call();
    CHECK(got == 7);
}

TEST_CASE("borrowed: NULL, a short size and a stride of nothing read as empty") {
    CHECK(sdk::view(gw_str{nullptr, 5}).empty());
    CHECK(sdk::view(gw_bytes{nullptr, 5}).empty());
    CHECK(sdk::read_struct<gw_sender>(nullptr).struct_size == 0);
    const gw_sender sender{8, 3, sdk::to_gw("id"), {}};
    const auto read = sdk::read_struct<gw_sender>(&sender);
    CHECK(read.flags == 3);
    CHECK(read.id.size == 0);
    CHECK(sdk::struct_range<gw_sender>(gw_array{&sender, 1, 0}).size() == 0);
    CHECK(sdk::struct_range<gw_sender>(gw_array{nullptr, 1, 48}).size() == 0);
}

TEST_CASE("face: an idle instance costs little") {
    CHECK(sizeof(sdk::adapter) <= 72);  // a virtual table, the host, the token, an empty table of operations, a flag
}
