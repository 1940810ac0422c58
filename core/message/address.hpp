// Addresses, `instance:chat` or `instance:chat/thread`, and patterns over them. Pure, any thread.
//
// The instance ends at the first ':', the chat at the first '/' after it; the thread is the rest. In a chat '%', '/'
// and
// '*' are written as %25, %2F and %2A, in a thread '%' and '*' are; so an address can be told from a pattern, and
// parse(format(a)) == a for whatever bytes a platform uses in its ids. A ':' needs no escape. Reading accepts any %XX.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace gateway::message {

struct address {
    std::string instance;
    std::string chat;
    std::string thread;  // empty: none

    friend bool operator==(const address&, const address&) = default;
};

// Appends the text form to `out`, so that a caller can reuse its memory. `instance` has no ':'.
void append_address(std::string& out, std::string_view instance, std::string_view chat, std::string_view thread);
[[nodiscard]] std::string format(const address& value);

// The error is a sentence that says what would be right.
[[nodiscard]] boost::system::result<address, std::string> parse_address(std::string_view text);

// Either an address, which without a thread stands for every thread of its chat, or a text that ends in '*' and stands
// for every address that starts with what is before it: `*`, `tg:*`, `tg:-100*`, `tg:-1001234/*` (any thread, but one).
class pattern {
public:
    // The error is a sentence that says what would be right.
    [[nodiscard]] static boost::system::result<pattern, std::string> parse(std::string_view text);

    [[nodiscard]] bool matches(const address& value) const;

    [[nodiscard]] bool is_prefix() const { return is_prefix_; }
    [[nodiscard]] const std::string& prefix() const { return prefix_; }  // is_prefix: the text before the '*'
    [[nodiscard]] const address& exact() const { return exact_; }        // otherwise

private:
    bool is_prefix_ = false;
    std::string prefix_;
    address exact_;
};

}  // namespace gateway::message
