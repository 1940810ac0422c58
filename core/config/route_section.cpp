#include "config/route_section.hpp"

#include "config/section.hpp"
#include "message/address.hpp"

#include <algorithm>

namespace gateway::config {
namespace {

class route_reader {
public:
    route_reader(const std::vector<std::string>& instances, complaints& problems)
        : instances_{instances}, problems_{problems} {}

    route_config read(const node::table& table, position at, const std::string& path) {
        section from{table, path, problems_};
        const std::size_t before = problems_.size();
        route_config route;
        route.at = at;
        const member* sources = from.take("from");
        const member* target = from.take("to");
        const member* bridge = from.take("bridge");
        if (bridge != nullptr && (sources != nullptr || target != nullptr)) {
            from.complain(*bridge, "stands beside 'from' or 'to'; a route has either 'from' and 'to', or 'bridge'");
        } else if (bridge == nullptr && (sources == nullptr || target == nullptr)) {
            const bool neither = sources == nullptr && target == nullptr;
            problems_.add(at, path,
                          neither             ? "has neither 'from' and 'to' nor 'bridge'; a route needs one of these"
                          : target == nullptr ? "has no key 'to'; write to = \"NAME\" of the instance that answers"
                                              : "has no key 'from'; write from = \"INSTANCE:*\" or a list of patterns");
        }
        if (sources != nullptr) {
            route.from = read_patterns(*sources, from.key_of("from"));
        }
        if (target != nullptr) {
            route.to = read_target(from);
            if (problems_.size() == before) {
                complain_of_echo(route, from, *target);
            }
        }
        if (bridge != nullptr) {
            route.bridge = read_bridge(from, *bridge);
        }
        from.finish();
        return route;
    }

private:
    std::vector<std::string> read_patterns(const member& sources, const std::string& key) {
        std::vector<std::string> result;
        const auto check = [&](const node& item, const std::string& item_key) {
            if (const auto* text = item.as<std::string>(); text == nullptr) {
                problems_.add(item.at, item_key, wrong_type(item, "a pattern in quotes, such as \"tg:*\""));
            } else if (auto pattern = message::pattern::parse(*text); !pattern) {
                problems_.add(item.at, item_key, pattern.error());
            } else if (names_instance(*pattern, item, item_key)) {
                result.push_back(*text);
            }
        };
        const auto* list = sources.value.as<node::list>();
        if (list == nullptr) {
            check(sources.value, key);
        } else if (list->empty()) {
            problems_.add(sources.value.at, key, "is an empty list; name at least one pattern, such as \"tg:*\"");
        } else if (!too_many(*list, sources.value.at, key)) {
            for (std::size_t i = 0; i < list->size(); ++i) {
                check((*list)[i], key + '[' + std::to_string(i) + ']');
            }
        }
        return result;
    }

    std::string read_target(section& from) {
        auto name = from.text("to");
        if (!name) {
            return {};
        }
        const member& target = *from.take("to");
        if (name->find(':') != std::string::npos) {
            from.complain(
                target, quote(*name) + "is an address, but must be an instance's name; chats are joined with 'bridge'");
            return {};
        }
        return is_instance(*name, target.value, from.key_of("to")) ? *name : std::string{};
    }

    // The router hands no instance its own messages.
    void complain_of_echo(const route_config& route, const section& from, const member& target) {
        const auto can_fire = [&](const std::string& text) {
            const auto pattern = message::pattern::parse(text);
            if (!pattern->is_prefix()) {
                return pattern->exact().instance != route.to;
            }
            const std::string& prefix = pattern->prefix();
            if (const std::size_t colon = prefix.find(':'); colon != std::string::npos) {
                return prefix.substr(0, colon) != route.to;
            }
            return std::ranges::any_of(instances_, [&](const std::string& instance) {
                return instance != route.to && instance.starts_with(prefix);
            });
        };
        if (!route.from.empty() && std::ranges::none_of(route.from, can_fire)) {
            from.complain(target, quote(route.to) +
                                      "is also the only instance in 'from', and none is handed its own messages; "
                                      "name another one here or there");
        }
    }

    std::vector<std::string> read_bridge(section& from, const member& bridge) {
        std::vector<std::string> result;
        const std::string key = from.key_of("bridge");
        const auto* list = bridge.value.as<node::list>();
        if (list == nullptr) {
            from.complain(bridge,
                          wrong_type(bridge.value, "a list of addresses, such as [\"tg:-1001234\", \"dc:9876\"]"));
            return result;
        }
        if (list->size() < 2) {
            from.complain(bridge, "joins fewer than two chats; name two or more addresses");
        }
        if (too_many(*list, bridge.value.at, key)) {
            return result;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            const node& item = (*list)[i];
            const std::string item_key = key + '[' + std::to_string(i) + ']';
            if (const auto* text = item.as<std::string>(); text == nullptr) {
                problems_.add(item.at, item_key, wrong_type(item, "an address in quotes, such as \"tg:-1001234\""));
            } else if (text->ends_with('*')) {
                problems_.add(item.at, item_key, quote(*text) + "names many chats, but a bridge joins exact ones");
            } else if (auto address = message::parse_address(*text); !address) {
                problems_.add(item.at, item_key, address.error());
            } else if (std::find(result.begin(), result.end(), *text) != result.end()) {
                problems_.add(item.at, item_key, quote(*text) + "stands in this bridge twice; keep one");
            } else if (is_instance(address->instance, item, item_key)) {
                result.push_back(*text);
            }
        }
        return result;
    }

    bool too_many(const node::list& list, position at, const std::string& key) {
        if (list.size() <= max_route_addresses) {
            return false;
        }
        problems_.add(at, key,
                      "has " + std::to_string(list.size()) + " entries, but at most " +
                          std::to_string(max_route_addresses) + " are allowed");
        return true;
    }

    bool names_instance(const message::pattern& pattern, const node& item, const std::string& key) {
        if (!pattern.is_prefix()) {
            return is_instance(pattern.exact().instance, item, key);
        }
        const std::string& prefix = pattern.prefix();
        if (const std::size_t colon = prefix.find(':'); colon != std::string::npos) {
            return is_instance(std::string_view{prefix}.substr(0, colon), item, key);
        }
        const auto first = std::lower_bound(instances_.begin(), instances_.end(), prefix);
        if (first != instances_.end() && first->starts_with(prefix)) {
            return true;
        }
        problems_.add(item.at, key, "names every instance that starts with '" + prefix + "', but none is configured");
        return false;
    }

    bool is_instance(std::string_view name, const node& item, const std::string& key) {
        if (std::binary_search(instances_.begin(), instances_.end(), name, std::less<>{})) {
            return true;
        }
        const std::string hint = instances_.empty() ? "; no adapter is configured" : suggestion(name, instances_);
        problems_.add(item.at, key, "names the instance '" + std::string{name} + "', which is not configured" + hint);
        return false;
    }

    static std::string quote(std::string_view text) { return '\'' + std::string{text} + "' "; }

    const std::vector<std::string>& instances_;
    complaints& problems_;
};

}  // namespace

std::vector<route_config> read_routes(const node::list& routes, const std::vector<std::string>& instances,
                                      complaints& problems) {
    std::vector<route_config> result;
    route_reader reader{instances, problems};
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const std::string path = "routes[" + std::to_string(i) + ']';
        if (const auto* table = routes[i].as<node::table>()) {
            result.push_back(reader.read(*table, routes[i].at, path));
        } else {
            problems.add(routes[i].at, path, wrong_type(routes[i], "a table, written as [[routes]]"));
        }
    }
    return result;
}

}  // namespace gateway::config
