#include "config/config.hpp"

#include "config/adapter_section.hpp"
#include "config/document.hpp"
#include "config/file.hpp"
#include "config/reconnect_section.hpp"
#include "config/route_section.hpp"
#include "config/section.hpp"

#include <algorithm>
#include <tuple>

namespace gateway::config {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_stop = std::chrono::minutes{10};
constexpr std::chrono::minutes longest_call{10};
constexpr std::string_view certificate_start = "-----BEGIN CERTIFICATE-----";

// Reads the sections of a file in the order in which they build on each other.
class loader {
public:
    loader(std::string name, const std::filesystem::path& folder, const environment& environment)
        : folder_{folder}, environment_{environment}, problems_{name}, warnings_{std::move(name)} {}

    loaded load(std::string_view text) {
        const auto document = parse_document(text, problems_);
        if (document) {
            read(*document->as<node::table>());
        }
        result_.file = problems_.file();
        result_.warnings = warnings_.take();
        return {std::move(result_), problems_.take()};
    }

private:
    void read(const node::table& root) {
        section from{root, "", problems_};
        if (const auto* table = from.table("gateway")) {
            read_gateway(*table);
        }
        if (const auto* table = from.table("reconnect")) {
            result_.reconnect = read_reconnect(*table, "reconnect", {}, problems_);
        }
        if (const auto* table = from.table("net")) {
            read_net(*table);
        }
        if (const auto* table = from.table("http")) {
            read_http(*table);
        }
        if (const auto* table = from.table("log")) {
            read_log(*table);
        }
        if (const auto* table = from.table("store")) {
            section store{*table, "store", problems_};
            result_.store.sync = store.word("sync", {"full", "normal"}) == 1U ? sync_mode::normal : sync_mode::full;
            store.finish();
        }
        read_instances(from);
        read_all_routes(from);
        from.finish();
    }

    void read_gateway(const node::table& table) {
        section from{table, "gateway", problems_};
        gateway_config& to = result_.gateway;
        to.on_all_failed =
            from.word("on_all_failed", {"exit", "stay"}) == 1U ? when_all_failed::stay : when_all_failed::exit;
        to.max_connecting =
            static_cast<std::uint32_t>(from.whole("max_connecting", 1, 10'000).value_or(to.max_connecting));
        if (const auto timeout = from.duration("call_timeout")) {
            if (*timeout < milliseconds{100} || *timeout > longest_call) {
                from.complain(*from.take("call_timeout"), "must be from 100ms to 10 minutes");
            } else {
                to.call_timeout = *timeout;
            }
        }
        if (const auto timeout = from.duration("stop_timeout")) {
            if (*timeout < milliseconds{1} || *timeout > longest_stop) {
                from.complain(*from.take("stop_timeout"),
                              "must be from 1ms to 10 minutes, and shorter than the service manager's own");
            } else {
                to.stop_timeout = *timeout;
            }
        }
        from.finish();
    }

    void read_net(const node::table& table) {
        section from{table, "net", problems_};
        if (auto file = from.text("ca_file")) {
            const std::filesystem::path path = folder_ / *file;
            if (auto read = read_file(path, max_file_bytes); !read) {
                from.complain(*from.take("ca_file"),
                              "names the file " + path.string() + ", which " + read.error().text);
            } else if (read->text.find(certificate_start) == std::string::npos) {
                from.complain(*from.take("ca_file"), "names the file " + path.string() +
                                                         ", which holds no certificate in PEM form; one begins with " +
                                                         std::string{certificate_start});
            }
            result_.net.ca_file = path.string();
        }
        if (const member* proxy = from.take("proxy")) {
            result_.net.proxy =
                read_proxy(*proxy, "net.proxy", folder_, environment_, {problems_, warnings_}).value_or("");
        }
        from.finish();
    }

    void read_http(const node::table& table) {
        section from{table, "http", problems_};
        if (const auto text = from.text("listen")) {
            auto address = parse_listen_address(*text);
            if (address) {
                result_.http.listen = std::move(*address);
            } else {
                from.complain(*from.take("listen"), address.error().text);
            }
        }
        from.finish();
    }

    void read_log(const node::table& table) {
        section from{table, "log", problems_};
        if (const auto at = from.word("level", {"debug", "info", "warning", "error", "off"})) {
            result_.log.level = static_cast<log::level>(*at);
        }
        if (const auto at = from.word("format", {"text", "json"})) {
            result_.log.format = static_cast<log::line_format>(*at);
        }
        from.finish();
    }

    void read_instances(section& root) {
        const node::table* adapters = root.table("adapters");
        if (adapters == nullptr) {
            return;
        }
        if (adapters->size() > max_instances) {
            root.complain(*root.take("adapters"), "has " + std::to_string(adapters->size()) +
                                                      " instances, but at most " + std::to_string(max_instances) +
                                                      " are allowed");
            return;
        }
        result_.adapters = read_adapters(*adapters, {result_.reconnect, result_.net.proxy, folder_, environment_},
                                         {problems_, warnings_});
        for (const member& adapter : *adapters) {
            instances_.push_back(adapter.key);
        }
        std::sort(instances_.begin(), instances_.end());
    }

    void read_all_routes(section& root) {
        const member* routes = root.take("routes");
        if (routes == nullptr) {
            return;
        }
        const auto* list = routes->value.as<node::list>();
        if (list == nullptr) {
            root.complain(*routes, wrong_type(routes->value, "a list of tables, each written as [[routes]]"));
        } else if (list->size() > max_routes) {
            root.complain(*routes, "are " + std::to_string(list->size()) + ", but at most " +
                                       std::to_string(max_routes) + " are allowed");
        } else {
            result_.routes = read_routes(*list, instances_, problems_);
        }
    }

    const std::filesystem::path& folder_;
    const environment& environment_;
    complaints problems_;
    complaints warnings_;
    configuration result_;
    std::vector<std::string> instances_;
};

std::vector<const adapter_config*> enabled(const configuration& from) {
    std::vector<const adapter_config*> result;
    for (const adapter_config& adapter : from.adapters) {
        if (adapter.enabled) {
            result.push_back(&adapter);
        }
    }
    return result;
}

// A mistake that moved to another line is the same mistake.
bool same_mistakes(const adapter_config& a, const adapter_config& b) {
    return std::ranges::equal(a.mistakes, b.mistakes, [](const complaint& one, const complaint& other) {
        return one.key == other.key && one.text == other.text;
    });
}

auto connection_of(const adapter_config& adapter) {
    return std::tie(adapter.name, adapter.plugin, adapter.enabled, adapter.proxy, adapter.json);
}

}  // namespace

std::string escape_pointer_token(std::string_view key) {
    std::string out;
    for (const char c : key) {
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return out;
}

bool adapter_config::operator==(const adapter_config& other) const {
    return connection_of(*this) == connection_of(other) && reconnect == other.reconnect && chats == other.chats &&
           same_mistakes(*this, other);
}

loaded load_text(std::string_view text, std::string name, const std::filesystem::path& folder,
                 const environment& environment) {
    return loader{std::move(name), folder, environment}.load(text);
}

loaded load_file(const std::filesystem::path& path, absence when_absent, const environment& environment) {
    auto file = read_file(path, max_file_bytes);
    if (file) {
        return load_text(file->text, path.string(), path.parent_path(), environment);
    }
    if (file.error().absent && when_absent == absence::is_empty) {
        return load_text("", path.string(), path.parent_path(), environment);
    }
    loaded nothing;
    nothing.values.file = path.string();
    nothing.refusals.push_back({path.string(), {}, "", std::move(file.error().text)});
    return nothing;
}

changes compare(const configuration& running, const configuration& fresh) {
    changes result;
    const auto before = enabled(running);
    const auto after = enabled(fresh);
    auto was = before.begin();
    auto is = after.begin();
    while (was != before.end() || is != after.end()) {
        if (is == after.end() || (was != before.end() && (*was)->name < (*is)->name)) {
            result.removed.push_back((*was++)->name);
        } else if (was == before.end() || (*is)->name < (*was)->name) {
            result.added.push_back((*is++)->name);
        } else {
            if (connection_of(**was) != connection_of(**is) || !same_mistakes(**was, **is)) {
                result.changed.push_back((*is)->name);
            } else {
                if ((*was)->chats != (*is)->chats) {
                    result.rechatted.push_back((*is)->name);
                }
                if ((*was)->reconnect != (*is)->reconnect) {
                    result.repoliced.push_back((*is)->name);
                }
            }
            ++was;
            ++is;
        }
    }
    return result;
}

}  // namespace gateway::config
