#include "telegram_files.hpp"

#include "telegram_json.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

constexpr std::string_view too_large_text = "Telegram gives bots files of at most 20 MB: this one is larger.";

no_file larger_than_wanted(std::int64_t size, std::int64_t most) {
    return {
        sdk::status::too_large, "too_large",
        "The file has " + std::to_string(size) + " bytes: more than the " + std::to_string(most) + " that are wanted."};
}

sdk::status status_of(std::string_view host_code) {
    return host_code.starts_with("timeout") ? sdk::status::timeout : sdk::status::network;
}

no_file refused(const answer& given) {
    if (given.kind == answer_kind::refused && given.code == 400) {
        if (given.says("file is too big")) {
            return {sdk::status::too_large, "too_large", std::string(too_large_text)};
        }
        return {sdk::status::not_found, "not_found", "Telegram does not give this file: " + given.text};
    }
    const sdk::failure why = failure_of(given, "getFile");
    return {status_of(given.host_code), why.code, why.text};
}

// A path of the platform's as it stands in a URL; empty for one that would lead elsewhere.
std::string url_path(std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved = "-._~/";
    std::string made;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           unreserved.find(c) != std::string_view::npos;
        const auto byte = static_cast<unsigned char>(c);
        if (plain) {
            made += c;
        } else {
            made.append("%").append(1, digits[byte / 16]).append(1, digits[byte % 16]);
        }
    }
    const bool upwards = ("/" + made + "/").find("/../") != std::string::npos;
    return upwards ? std::string{} : made;
}

}  // namespace

request get_file_request(std::string_view file_id) {
    return {"getFile", json::serialize(json::object{{"file_id", file_id}})};
}

found_file parse_file(const answer& given, std::int64_t max_size) {
    if (given.kind != answer_kind::result) {
        return {.why = refused(given)};
    }
    static const json::object nothing;
    const json::object* const told = given.result->if_object();
    const json::object& file = told == nullptr ? nothing : *told;
    const std::string_view path = raw_text_in(file, "file_path");
    if (path.starts_with('/')) {
        return {.why = {sdk::status::not_found, "local_path",
                        "The Bot API server keeps its files on its own machine (--local): they cannot be "
                        "downloaded from there."}};
    }
    std::string url = path.size() > max_file_path_bytes ? std::string{} : url_path(path);
    if (url.empty()) {
        return {.why = {sdk::status::not_found, "no_path", "Telegram does not say where this file is."}};
    }
    const std::int64_t size = integer_in(file, "file_size").value_or(0);
    if (max_size > 0 && size > max_size) {
        return {.why = larger_than_wanted(size, max_size)};
    }
    return {.path = std::move(url)};
}

no_file failed_download(const sdk::http_response& response, std::string_view secret) {
    if (!response.answered()) {
        const answer given = parse_answer(response, secret);
        if (response.result == sdk::status::too_large) {
            return {sdk::status::too_large, "too_large", "The file is larger than what is wanted."};
        }
        if (response.result == sdk::status::io) {
            return {sdk::status::io, "io", "The file could not be written: " + given.text};
        }
        return {status_of(given.host_code), given.host_code, "The download failed: " + given.text};
    }
    assert(response.http_status < 200 || response.http_status >= 300);
    const std::string status = std::to_string(response.http_status);
    return {response.http_status == 404 ? sdk::status::not_found : sdk::status::network, "http_" + status,
            "The download got the HTTP status " + status + "."};
}

}  // namespace gateway::telegram
