#pragma once
// The parameters of one Bot API call, however they were sent: query string, application/x-www-form-urlencoded,
// multipart/form-data or a JSON object, for GET and POST alike. Decoding never fails: as with the real server, what
// could be read before a mistake counts, and the mistake is only remembered (`decoded_params::malformed`), so that a
// test can insist on none. Checking them against a method's list does fail. Pure functions.

#include "support/telegram_exchange.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateway::test {

inline constexpr std::size_t max_params = 256;  // further ones are ignored and remembered as malformed

struct decoded_params {
    boost::json::object values;  // the first value of a name wins, the query string comes first
    std::string malformed;       // what was wrong with the body; empty when nothing was
};

decoded_params decode_params(const api_request& request);

// Splits "/path?query" and returns the path, percent-encoded as it came.
std::string_view path_of(std::string_view target);

std::string percent_decode(std::string_view text, bool plus_is_space);

enum class param_kind { integer, boolean, string, chat, object, array };

struct param_spec {
    std::string_view name;
    param_kind kind;
};

// The checked parameters: each present one has the type of its kind (`chat` stays a string).
class checked_params {
public:
    // Returns the text that follows "Bad Request: ". Stricter than the real server, which ignores unknown names and
    // takes 0, false or nothing for a value of a wrong type: a client that relies on that has a mistake in it.
    static std::optional<std::string> check(const boost::json::object& raw, std::span<const param_spec> known,
                                            checked_params& ret_params);

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string_view string(std::string_view name) const;  // "" when absent
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    bool boolean(std::string_view name) const;  // false when absent
    const boost::json::object* object(std::string_view name) const;
    const boost::json::array* array(std::string_view name) const;
    const boost::json::object& values() const { return values_; }

private:
    boost::json::object values_;
};

}  // namespace gateway::test
