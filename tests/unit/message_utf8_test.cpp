#include "message/utf8.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using gateway::message::is_utf8;
using gateway::message::utf8_prefix;

namespace {

std::string encoded(unsigned code, std::size_t bytes) {
    constexpr unsigned char leads[] = {0x00, 0x00, 0xC0, 0xE0, 0xF0};
    std::string out(bytes, '\0');
    for (std::size_t i = bytes; i-- > 1; code >>= 6U) {
        out[i] = static_cast<char>(0x80U | (code & 0x3FU));
    }
    out[0] = static_cast<char>(leads[bytes] | code);
    return out;
}

}  // namespace

TEST_CASE("utf8: every code point in its shortest form is valid, except the surrogates") {
    for (unsigned code = 0; code <= 0x10FFFF; ++code) {
        const std::size_t bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (is_utf8(encoded(code, bytes)) == surrogate) {
            FAIL("code point ", code);
        }
    }
    CHECK_FALSE(is_utf8(encoded(0x110000, 4)));
    CHECK_FALSE(is_utf8(encoded(0x1FFFFF, 4)));
}

TEST_CASE("utf8: no overlong form is valid") {
    for (unsigned code = 0; code < 0x80; ++code) {
        CHECK_FALSE(is_utf8(encoded(code, 2)));
    }
    for (unsigned code = 0; code < 0x800; ++code) {
        CHECK_FALSE(is_utf8(encoded(code, 3)));
    }
    for (unsigned code = 0; code < 0x10000; code += 7) {
        CHECK_FALSE(is_utf8(encoded(code, 4)));
    }
}

TEST_CASE("utf8: a cut or broken character is found wherever it stands in a text") {
    for (const std::string character : {"é", "€", "😀"}) {
        for (std::size_t before = 0; before < 20; ++before) {
            const std::string whole = std::string(before, 'a') + character;
            CHECK(is_utf8(whole));
            CHECK(is_utf8(whole + std::string(before, 'b')));
            CHECK_FALSE(is_utf8(whole.substr(0, whole.size() - 1)));
            CHECK_FALSE(is_utf8(whole.substr(0, whole.size() - 1) + "cccccccc"));
            CHECK_FALSE(is_utf8(whole + "\x80"));
            CHECK_FALSE(is_utf8(whole + "\xff"));
        }
    }
    CHECK(is_utf8(""));
    CHECK(is_utf8(std::string("\0a", 2)));
}

TEST_CASE("utf8: a prefix ends between two characters") {
    CHECK(utf8_prefix("a€b", 10) == "a€b");
    CHECK(utf8_prefix("a€b", 5) == "a€b");
    CHECK(utf8_prefix("a€b", 4) == "a€");
    CHECK(utf8_prefix("a€b", 3) == "a");
    CHECK(utf8_prefix("a€b", 2) == "a");
    CHECK(utf8_prefix("€", 1).empty());
    CHECK(utf8_prefix("€", 0).empty());
}
