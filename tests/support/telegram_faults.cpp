#include "support/telegram_faults.hpp"

#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;
using kind = telegram_fault::kind;

constexpr std::size_t max_oversized_bytes = 256 * 1024 * 1024;

bool hits_connections(const telegram_fault& fault) {
    return fault.what == kind::connect_reset || fault.what == kind::connect_stall;
}

struct named_kind {
    std::string_view name;
    kind what;
};

constexpr std::array<named_kind, 7> named_kinds{{{"reset", kind::reset},
                                                 {"cut", kind::cut},
                                                 {"broken", kind::broken},
                                                 {"drip", kind::drip},
                                                 {"stall", kind::stall},
                                                 {"connect_reset", kind::connect_reset},
                                                 {"connect_stall", kind::connect_stall}}};

// The fields of a fault in JSON, read with a complaint about the first one that does not fit.
class fault_reader {
public:
    explicit fault_reader(const json::object& object) : object_(object) {}

    std::string text(std::string_view name) {
        const auto* value = find(name);
        if (value == nullptr) {
            return {};
        }
        if (!value->is_string()) {
            complain(name, "a String");
            return {};
        }
        return std::string(value->get_string());
    }

    std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
        const auto* value = find(name);
        if (value == nullptr) {
            return otherwise;
        }
        if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
            complain(name, "an Integer from " + std::to_string(least) + " to " + std::to_string(most));
            return otherwise;
        }
        return value->get_int64();
    }

    json::object members(std::string_view name) {
        const auto* value = find(name);
        if (value != nullptr && !value->is_object()) {
            complain(name, "an Object");
        }
        return value != nullptr && value->is_object() ? value->get_object() : json::object();
    }

    bool truth(std::string_view name) {
        const auto* value = find(name);
        if (value != nullptr && !value->is_bool()) {
            complain(name, "a Boolean");
        }
        return value != nullptr && value->is_bool() && value->get_bool();
    }

    void complain(std::string_view name, std::string_view expected) {
        if (!complaint_) {
            complaint_ = "fault: \"" + std::string(name) + "\" must be " + std::string(expected);
        }
    }

    std::optional<std::string> finish() {
        for (const auto& member : object_) {
            if (std::find(known_.begin(), known_.end(), std::string_view(member.key())) == known_.end()) {
                complain(member.key(), "absent (unknown key, or not used by this kind)");
            }
        }
        return complaint_;
    }

private:
    const json::value* find(std::string_view name) {
        known_.push_back(name);
        return object_.if_contains(name);
    }

    const json::object& object_;
    std::vector<std::string_view> known_;
    std::optional<std::string> complaint_;
};

telegram_fault read_kind(fault_reader& reader) {
    const auto name = reader.text("kind");
    if (name == "error") {
        return telegram_fault::error(static_cast<unsigned>(reader.number("code", 500, 300, 599)),
                                     reader.text("description"), reader.members("parameters"));
    }
    if (name == "too_many_requests") {
        return telegram_fault::too_many_requests(static_cast<int>(reader.number("retry_after", 1, 0, 1'000'000)));
    }
    if (name == "html") {
        return telegram_fault::html_page(static_cast<unsigned>(reader.number("status", 502, 200, 599)));
    }
    if (name == "raw") {
        const auto type = reader.text("content_type");
        return telegram_fault::raw(static_cast<unsigned>(reader.number("status", 200, 200, 599)), reader.text("body"),
                                   type.empty() ? "application/json" : type);
    }
    if (name == "oversized") {
        return telegram_fault::oversized(static_cast<std::size_t>(
            reader.number("bytes", 64 * 1024 * 1024, 1, static_cast<std::int64_t>(max_oversized_bytes))));
    }
    if (name == "invalid_utf8") {
        return telegram_fault::invalid_utf8();
    }
    const auto* known = std::find_if(named_kinds.begin(), named_kinds.end(),
                                     [&](const named_kind& candidate) { return candidate.name == name; });
    if (known == named_kinds.end()) {
        reader.complain("kind",
                        "one of error, too_many_requests, html, raw, oversized, invalid_utf8, reset, cut, broken, "
                        "drip, stall, connect_reset, connect_stall");
        return {};
    }
    auto fault = telegram_fault::of(known->what);
    if (fault.what == kind::cut || fault.what == kind::broken) {
        fault.cut_at = static_cast<std::size_t>(reader.number("cut_at", 0, 0, 1'000'000'000));
    } else if (fault.what == kind::drip) {
        fault.drip_bytes = static_cast<std::size_t>(reader.number("drip_bytes", 1, 1, 1'000'000));
        fault.drip_interval = std::chrono::milliseconds(reader.number("drip_interval_ms", 10, 0, 1'000'000));
    }
    return fault;
}

}  // namespace

telegram_fault telegram_fault::error(unsigned code, std::string_view description, json::object parameters) {
    json::object body{{"ok", false}, {"error_code", code}, {"description", description}};
    if (!parameters.empty()) {
        body["parameters"] = std::move(parameters);
    }
    return raw(code, ascii_json(body));
}

telegram_fault telegram_fault::too_many_requests(int retry_after_s) {
    auto fault =
        error(429, "Too Many Requests: retry after " + std::to_string(retry_after_s), {{"retry_after", retry_after_s}});
    fault.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
    return fault;
}

telegram_fault telegram_fault::html_page(unsigned status) {
    const auto title = std::to_string(status) + (status == 502 ? " Bad Gateway" : " Error");
    return raw(status,
               "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
                   "</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n",
               "text/html");
}

telegram_fault telegram_fault::raw(unsigned status, std::string body, std::string content_type) {
    telegram_fault fault;
    fault.status = status;
    fault.body = std::move(body);
    fault.content_type = std::move(content_type);
    return fault;
}

telegram_fault telegram_fault::oversized(std::size_t bytes) {
    return raw(200, R"({"ok":true,"result":")" + std::string(std::min(bytes, max_oversized_bytes), 'x') + "\"}");
}

telegram_fault telegram_fault::invalid_utf8() {
    return raw(200, "{\"ok\":true,\"result\":\"\xC3\x28\xFF\"}");
}

telegram_fault telegram_fault::of(kind what, std::size_t cut_at) {
    telegram_fault fault;
    fault.what = what;
    fault.cut_at = cut_at;
    return fault;
}

telegram_fault telegram_fault::on(std::string_view method_name) && {
    method = method_name;
    return std::move(*this);
}

telegram_fault telegram_fault::for_times(int count) && {
    times = count;
    return std::move(*this);
}

telegram_fault telegram_fault::after(int matches) && {
    skip = matches;
    return std::move(*this);
}

telegram_fault telegram_fault::with_effect() && {
    execute = true;
    return std::move(*this);
}

bool telegram_fault_list::add(telegram_fault fault) {
    if (faults_.size() >= max_faults || fault.times == 0) {
        return false;
    }
    faults_.push_back(std::move(fault));
    return true;
}

template <class Matches>
std::optional<telegram_fault> telegram_fault_list::take(Matches matches) {
    for (auto it = faults_.begin(); it != faults_.end(); ++it) {
        if (!matches(*it)) {
            continue;
        }
        if (it->skip > 0) {
            --it->skip;
            continue;
        }
        auto hit = *it;
        if (it->times != telegram_fault::forever && --it->times == 0) {
            faults_.erase(it);
        }
        return hit;
    }
    return std::nullopt;
}

std::optional<telegram_fault> telegram_fault_list::take_for_request(std::string_view token, std::string_view method) {
    return take([&](const telegram_fault& fault) {
        return !hits_connections(fault) && (fault.token.empty() || fault.token == token) &&
               (fault.method.empty() || equals_ignoring_case(fault.method, method));
    });
}

connection_verdict telegram_fault_list::take_for_connection() {
    const auto hit = take(hits_connections);
    if (!hit) {
        return connection_verdict::serve;
    }
    return hit->what == kind::connect_reset ? connection_verdict::reset : connection_verdict::stall;
}

std::optional<std::string> parse_fault(const json::value& value, telegram_fault& ret_fault) {
    const auto* object = value.if_object();
    if (object == nullptr) {
        return "a fault must be an Object";
    }
    fault_reader reader(*object);
    auto fault = read_kind(reader);
    fault.method = reader.text("method");
    fault.token = reader.text("token");
    fault.skip = static_cast<int>(reader.number("skip", 0, 0, 1'000'000));
    fault.times = static_cast<int>(reader.number("times", 1, -1, 1'000'000));
    fault.execute = reader.truth("execute");
    if (auto complaint = reader.finish()) {
        return complaint;
    }
    if (fault.times == 0) {
        return "fault: \"times\" must be 1 or more, or -1 for until cleared";
    }
    ret_fault = std::move(fault);
    return std::nullopt;
}

}  // namespace gateway::test
