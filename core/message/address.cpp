#include "message/address.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace gateway::message {
namespace {

constexpr auto failed = boost::system::in_place_error;

constexpr std::string_view hex_digits = "0123456789ABCDEF";

void append_escaped(std::string& out, std::string_view part, std::string_view special) {
    std::size_t from = 0;
    for (std::size_t at = part.find_first_of(special); at != std::string_view::npos;
         at = part.find_first_of(special, from)) {
        const auto byte = static_cast<unsigned char>(part[at]);
        out.append(part, from, at - from);
        out += '%';
        out += hex_digits[byte >> 4U];
        out += hex_digits[byte & 0x0FU];
        from = at + 1;
    }
    out.append(part, from);
}

constexpr std::string_view special_in_chat = "%/*";
constexpr std::string_view special_in_thread = "%*";

std::optional<unsigned> hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    const char lower = static_cast<char>(digit | 0x20);
    if (lower >= 'a' && lower <= 'f') {
        return static_cast<unsigned>(lower - 'a') + 10U;
    }
    return std::nullopt;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    out += text;
    out += '"';
    return out;
}

// Undoes append_escaped; the error is the end of a sentence that starts with the address.
boost::system::result<std::string, std::string> unescape(std::string_view part) {
    std::string out;
    out.reserve(part.size());
    for (std::size_t at = 0; at < part.size(); ++at) {
        if (part[at] == '*') {
            return {failed, "has a '*' that is not its last character; write %2A for the character itself"};
        }
        if (part[at] != '%') {
            out += part[at];
            continue;
        }
        const auto high = at + 2 < part.size() ? hex_value(part[at + 1]) : std::nullopt;
        const auto low = at + 2 < part.size() ? hex_value(part[at + 2]) : std::nullopt;
        if (!high || !low) {
            return {failed, "has a '%' without two hexadecimal digits after it; write %25 for the character itself"};
        }
        out += static_cast<char>(*high << 4U | *low);
        at += 2;
    }
    return {boost::system::in_place_value, std::move(out)};
}

struct parts {
    std::string instance;
    std::string chat;
    std::optional<std::string> thread;  // none: there is no '/'
};

// `text` has a ':'.
boost::system::result<parts, std::string> split(std::string_view text) {
    const auto colon = text.find(':');
    const auto slash = text.find('/', colon + 1);
    auto chat = unescape(text.substr(colon + 1, slash == std::string_view::npos ? slash : slash - colon - 1));
    if (chat.has_error()) {
        return {failed, chat.error()};
    }
    parts found{std::string(text.substr(0, colon)), std::move(*chat), std::nullopt};
    if (found.instance.find_first_of(special_in_chat) != std::string::npos) {
        return {failed, "has a '%', '/' or '*' in the instance's name before the ':'"};
    }
    if (slash != std::string_view::npos) {
        auto thread = unescape(text.substr(slash + 1));
        if (thread.has_error()) {
            return {failed, thread.error()};
        }
        found.thread = std::move(*thread);
    }
    return found;
}

}  // namespace

void append_address(std::string& out, std::string_view instance, std::string_view chat, std::string_view thread) {
    out += instance;
    out += ':';
    append_escaped(out, chat, special_in_chat);
    if (!thread.empty()) {
        out += '/';
        append_escaped(out, thread, special_in_thread);
    }
}

std::string format(const address& value) {
    std::string out;
    append_address(out, value.instance, value.chat, value.thread);
    return out;
}

boost::system::result<address, std::string> parse_address(std::string_view text) {
    constexpr std::string_view wanted = "; an address is \"instance:chat\" or \"instance:chat/thread\"";
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return {failed, quoted(text) + " has no instance before a ':'" + std::string(wanted)};
    }
    auto found = split(text);
    if (found.has_error()) {
        return {failed, quoted(text) + " " + found.error()};
    }
    if (found->chat.empty()) {
        return {failed, quoted(text) + " has no chat after the ':'" + std::string(wanted)};
    }
    if (found->thread && found->thread->empty()) {
        return {failed, quoted(text) + " has no thread after the '/'" + std::string(wanted)};
    }
    return address{std::move(found->instance), std::move(found->chat), std::move(found->thread).value_or("")};
}

boost::system::result<pattern, std::string> pattern::parse(std::string_view text) {
    pattern made;
    if (!text.ends_with('*')) {
        auto exact = parse_address(text);
        if (exact.has_error()) {
            return {failed, exact.error() + ", and a pattern may end in '*'"};
        }
        made.exact_ = std::move(*exact);
        return made;
    }
    const auto before = text.substr(0, text.size() - 1);
    made.is_prefix_ = true;
    if (before.find(':') == std::string_view::npos) {
        if (before.find_first_of(special_in_chat) != std::string_view::npos) {
            return {failed, quoted(text) + " has a '%', '/' or '*' in the instance's name; a pattern is like \"tg:*\""};
        }
        made.prefix_ = before;
        return made;
    }
    // Written as append_address writes it, so that it can be compared with addresses as they are.
    auto found = split(before);
    if (found.has_error()) {
        return {failed, quoted(text) + " " + found.error()};
    }
    append_address(made.prefix_, found->instance, found->chat, found->thread.value_or(""));
    if (found->thread && found->thread->empty()) {
        made.prefix_ += '/';
    }
    return made;
}

bool pattern::matches(const address& value) const {
    if (is_prefix_) {
        return format(value).starts_with(prefix_);
    }
    return exact_.instance == value.instance && exact_.chat == value.chat &&
           (exact_.thread.empty() || exact_.thread == value.thread);
}

}  // namespace gateway::message
