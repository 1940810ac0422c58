#pragma once
// The parameters of one Bot API call, however they were sent: query string, application/x-www-form-urlencoded,
// multipart/form-data or a JSON object, for GET and POST alike. Decoding never fails: as with the real server, what
// could be read before a mistake counts, and the mistake is only remembered (`decoded_params::malformed`), so that a
// test can insist on none. Checking them against a method's list does fail. Pure functions.

#include "support/telegram_exchange.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateway::test {

inline constexpr std::size_t max_params = 256;  // further ones are ignored and remembered as malformed

struct uploaded_file {
    std::string name;  // as the client called it; may be empty
    std::string content_type;
    std::string bytes;
};

using uploaded_files = std::map<std::string, uploaded_file, std::less<>>;

struct decoded_params {
    boost::json::object values;  // the first value of a name wins, the query string comes first
    uploaded_files files;        // by the name of their part; among the values each is {"filename", "size"}
    std::string malformed;       // what was wrong with the body; empty when nothing was
};

decoded_params decode_params(const api_request& request);

// How JSON within a request is read: nested at most 32 deep; UTF-8 is checked later, with an answer of its own.
boost::json::parse_options request_json_options();

// Splits "/path?query" and returns the path, percent-encoded as it came.
std::string_view path_of(std::string_view target);

std::string percent_decode(std::string_view text, bool plus_is_space);

// `file`: a file_id, a URL, "attach://PART", or the part itself.
enum class param_kind { integer, number, boolean, string, chat, object, array, file };

struct param_spec {
    std::string_view name;
    param_kind kind;
};

// The checked parameters: each present one has the type of its kind (`chat` stays a string, `file` becomes one).
// Valid for as long as what they were decoded into, whose files they refer to.
class checked_params {
public:
    // Returns the text that follows "Bad Request: ". Stricter than the real server, which ignores unknown names and
    // takes 0, false or nothing for a value of a wrong type: a client that relies on that has a mistake in it.
    static std::optional<std::string> check(const decoded_params& raw, std::span<const param_spec> known,
                                            checked_params& ret_params);

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string_view string(std::string_view name) const;  // "" when absent
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    std::optional<double> number(std::string_view name) const;
    bool boolean(std::string_view name) const;  // false when absent
    const boost::json::object* object(std::string_view name) const;
    const boost::json::array* array(std::string_view name) const;
    const boost::json::object& values() const { return values_; }
    // The part that "attach://PART" names; null when there is none, or it is something else.
    const uploaded_file* attached(std::string_view reference) const;

private:
    boost::json::object values_;
    const uploaded_files* files_ = nullptr;
};

}  // namespace gateway::test
