#include "support/telegram_params.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_json_depth = 32;

void add(decoded_params& params, std::string_view name, json::value value) {
    if (params.values.size() >= max_params) {
        params.malformed = "more than " + std::to_string(max_params) + " parameters";
        return;
    }
    if (!params.values.contains(name)) {
        params.values.emplace(name, std::move(value));
    }
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void add_urlencoded(decoded_params& params, std::string_view text) {
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        if (pair.empty()) {
            continue;
        }
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        add(params, percent_decode(pair.substr(0, equals), true), json::value(percent_decode(value, true)));
    }
}

std::string_view skip_space(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

// Parses one JSON value at the start of `text` and removes it from there.
bool take_json(std::string_view& text, json::value& ret_value) {
    json::stream_parser parser({}, request_json_options());
    boost::system::error_code error;
    const auto used = parser.write_some(text.data(), text.size(), error);
    if (!error && !parser.done()) {
        parser.finish(error);  // a number at the very end
    }
    if (error) {
        return false;
    }
    text.remove_prefix(used);
    ret_value = parser.release();
    return true;
}

bool take(std::string_view& text, char expected) {
    text = skip_space(text);
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

// Reads the members of the outer object one by one, so that those before a mistake are kept.
void add_json(decoded_params& params, std::string_view body) {
    auto rest = body;
    const auto malformed = [&](std::string_view expected) {
        params.malformed =
            "JSON body: expected " + std::string(expected) + " at offset " + std::to_string(body.size() - rest.size());
    };
    if (!take(rest, '{')) {
        return malformed("an Object");
    }
    if (take(rest, '}')) {
        return;
    }
    while (true) {
        rest = skip_space(rest);
        json::value name;
        json::value value;
        if (rest.empty() || rest.front() != '"' || !take_json(rest, name)) {
            return malformed("a member name");
        }
        if (!take(rest, ':')) {
            return malformed("':'");
        }
        rest = skip_space(rest);
        if (!take_json(rest, value)) {
            return malformed("a value");
        }
        add(params, name.get_string(), std::move(value));
        if (take(rest, ',')) {
            continue;
        }
        if (!take(rest, '}')) {
            return malformed("',' or '}'");
        }
        rest = skip_space(rest);
        return rest.empty() ? void() : malformed("the end");
    }
}

std::string_view header(const http_headers& headers, std::string_view name) {
    const auto it = std::find_if(headers.begin(), headers.end(),
                                 [&](const auto& entry) { return equals_ignoring_case(entry.first, name); });
    return it == headers.end() ? std::string_view() : std::string_view(it->second);
}

// The value of `name=…` in a header such as Content-Disposition; nullopt when it is not there.
std::optional<std::string> attribute(std::string_view line, std::string_view name) {
    for (std::size_t at = line.find(';'); at != std::string_view::npos; at = line.find(';', at)) {
        const auto start = line.find_first_not_of(" \t", ++at);
        if (start == std::string_view::npos || line.substr(start).size() <= name.size() ||
            !equals_ignoring_case(line.substr(start, name.size()), name) || line[start + name.size()] != '=') {
            continue;
        }
        auto value = line.substr(start + name.size() + 1);
        if (!value.empty() && value.front() == '"') {
            return std::string(value.substr(1, value.find('"', 1) - 1));
        }
        return std::string(value.substr(0, value.find_first_of("; \t")));
    }
    return std::nullopt;
}

void add_part(decoded_params& params, std::string_view part) {
    const auto end_of_head = part.find("\r\n\r\n");
    if (end_of_head == std::string_view::npos) {
        params.malformed = "multipart body: a part without an empty line after its header";
        return;
    }
    auto head = part.substr(0, end_of_head);
    const auto content = part.substr(end_of_head + 4);
    std::optional<std::string> name;
    std::optional<std::string> file;
    std::string_view type;
    while (!head.empty()) {
        const auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        if (lower(line.substr(0, 20)) == "content-disposition:") {
            name = attribute(line, "name");
            file = attribute(line, "filename");
        } else if (lower(line.substr(0, 13)) == "content-type:") {
            type = skip_space(line.substr(13));
        }
    }
    if (!name) {
        params.malformed = "multipart body: a part without a name";
    } else if (file) {
        add(params, *name, json::object{{"filename", *file}, {"size", content.size()}});
        params.files.try_emplace(*name, uploaded_file{*file, std::string(type), std::string(content)});
    } else {
        add(params, *name, json::string(content));
    }
}

void add_multipart(decoded_params& params, std::string_view body, std::string_view boundary) {
    const std::string delimiter = "\r\n--" + std::string(boundary);
    const std::string whole = "\r\n" + std::string(body);  // so that the first delimiter looks like the others
    auto at = whole.find(delimiter);
    while (at != std::string::npos) {
        at += delimiter.size();
        if (whole.compare(at, 2, "--") == 0) {
            return;
        }
        const auto start = whole.find("\r\n", at);
        const auto end = start == std::string::npos ? start : whole.find(delimiter, start + 2);
        if (end == std::string::npos) {
            break;
        }
        add_part(params, std::string_view(whole).substr(start + 2, end - start - 2));
        at = end;
    }
    params.malformed = "multipart body: no closing delimiter";
}

}  // namespace

json::parse_options request_json_options() {
    json::parse_options options;
    options.max_depth = max_json_depth;
    options.allow_invalid_utf8 = true;  // checked per parameter, with an answer of its own
    return options;
}

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            result.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
            i += 2;
        } else {
            result.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return result;
}

decoded_params decode_params(const api_request& request) {
    decoded_params params;
    if (const auto query = request.target.find('?'); query != std::string::npos) {
        add_urlencoded(params, std::string_view(request.target).substr(query + 1));
    }
    if (request.body.empty()) {
        return params;
    }
    const auto type = header(request.headers, "Content-Type");
    const auto media = lower(type.substr(0, type.find_first_of("; \t")));
    if (media == "application/json") {
        add_json(params, request.body);
    } else if (media == "application/x-www-form-urlencoded") {
        add_urlencoded(params, request.body);
    } else if (const auto boundary = attribute(type, "boundary"); media == "multipart/form-data" && boundary) {
        add_multipart(params, request.body, *boundary);
    } else {
        params.malformed = "a body of type \"" + std::string(type) + "\", which the Bot API does not read";
    }
    return params;
}

}  // namespace gateway::test
