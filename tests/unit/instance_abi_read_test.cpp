#include "instance/abi_read.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace {

using namespace gateway::instance;

// What a module built against a later SDK would pass: our struct with more behind it.
struct grown_write {
    gw_kv_write known;
    std::uint64_t added;
};

}  // namespace

TEST_CASE("reading structs: a longer one is read as far as it is known") {
    grown_write later{{sizeof(grown_write), 0, borrow("key"), borrow_bytes("value")}, 42};
    const auto read = read_struct(&later.known);
    REQUIRE(read.has_value());
    CHECK(view(read->key) == "key");
    CHECK(view(read->value) == "value");
}

TEST_CASE("reading structs: shorter than it ever was, or absent, is no struct") {
    gw_kv_write write{sizeof(gw_kv_write) - 1, 0, {}, {}};
    CHECK_FALSE(read_struct(&write).has_value());
    write.struct_size = 0;
    CHECK_FALSE(read_struct(&write).has_value());
    CHECK_FALSE(read_struct<gw_kv_write>(nullptr).has_value());
}

TEST_CASE("reading arrays: the stride leads from one element to the next, whatever their size") {
    const std::array<grown_write, 3> later{{{{sizeof(grown_write), 0, borrow("a"), {}}, 0},
                                            {{sizeof(grown_write), 0, borrow("b"), {}}, 0},
                                            {{sizeof(grown_write), 0, borrow("c"), {}}, 0}}};
    std::string keys;
    const gw_array array{later.data(), 3, sizeof(grown_write)};
    CHECK(read_array<gw_kv_write>(array, 3, [&](const gw_kv_write& each) {
              keys += view(each.key);
              return GW_OK;
          }) == GW_OK);
    CHECK(keys == "abc");
}

TEST_CASE(
    "reading arrays: too many, a stride below the element, an element longer than its stride, and NULL are refused") {
    const gw_kv_write one{sizeof(gw_kv_write), 0, borrow("a"), {}};
    const auto ignore = [](const gw_kv_write&) { return GW_OK; };
    CHECK(read_array<gw_kv_write>({&one, 2, sizeof(one)}, 1, ignore) == GW_ERR_LIMIT);
    CHECK(read_array<gw_kv_write>({&one, 1, 4}, 1, ignore) == GW_ERR_INVALID);
    CHECK(read_array<gw_kv_write>({nullptr, 1, sizeof(one)}, 1, ignore) == GW_ERR_INVALID);
    grown_write longer{{sizeof(grown_write), 0, borrow("a"), {}}, 0};
    CHECK(read_array<gw_kv_write>({&longer, 1, sizeof(gw_kv_write)}, 1, ignore) == GW_ERR_INVALID);
    CHECK(read_array<gw_kv_write>({nullptr, 0, 0}, 1, ignore) == GW_OK);
}

TEST_CASE("reading arrays: the first refusal ends it") {
    const std::array<gw_kv_write, 2> two{{{sizeof(gw_kv_write), 0, {}, {}}, {sizeof(gw_kv_write), 0, {}, {}}}};
    int looked = 0;
    CHECK(read_array<gw_kv_write>({two.data(), 2, sizeof(gw_kv_write)}, 2, [&](const gw_kv_write&) {
              ++looked;
              return GW_ERR_UTF8;
          }) == GW_ERR_UTF8);
    CHECK(looked == 1);
}

TEST_CASE("reading strings: bytes at NULL are told from no bytes") {
    CHECK(dangling({nullptr, 1}));
    CHECK_FALSE(dangling({nullptr, 0}));
    CHECK(view(gw_str{nullptr, 0}).empty());
}
