#include "route/router.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

namespace gateway::route {
namespace {

constexpr std::uint32_t no_agent = std::numeric_limits<std::uint32_t>::max();

// Where a matching message goes.
struct target {
    bool is_bridge = false;
    std::uint32_t index = 0;  // of the bridge, or of the agent
};

struct rule {
    std::string thread;  // empty: any
    target to;
};

struct prefix_rule {
    std::string start;  // of the address after "instance:", as text; empty: every address
    target to;
};

// What the routes mean for one instance.
struct view {
    std::string name;
    std::unordered_map<std::string, std::vector<rule>> by_chat;
    std::vector<prefix_rule> by_prefix;
    std::uint32_t agent = no_agent;  // its index among the agents, when it is one
};

struct named_pattern {
    message::pattern what;
    target to;
};

// The routes, checked, before any instance is known.
struct plan {
    std::vector<std::string> agents;
    std::unordered_map<std::string, std::uint32_t> agent_indices;
    std::vector<std::vector<message::address>> bridges;
    std::unordered_map<std::string, std::vector<named_pattern>> by_instance;  // patterns that name theirs
    std::vector<named_pattern> over_instances;                                // `*`, `tg*`

    void add(message::pattern what, target to) {
        if (!what.is_prefix()) {
            by_instance[what.exact().instance].push_back({std::move(what), to});
        } else if (const auto colon = what.prefix().find(':'); colon != std::string::npos) {
            by_instance[what.prefix().substr(0, colon)].push_back({std::move(what), to});
        } else {
            over_instances.push_back({std::move(what), to});
        }
    }

    std::uint32_t agent_index(const std::string& name) {
        const auto [found, is_new] = agent_indices.try_emplace(name, static_cast<std::uint32_t>(agents.size()));
        if (is_new) {
            agents.push_back(name);
        }
        return found->second;
    }
};

std::string add_bridge(plan& to, const route_config& from) {
    if (!from.from.empty() || !from.to.empty()) {
        return "has both \"bridge\" and \"from\" or \"to\"; it needs either";
    }
    if (from.bridge.size() < 2) {
        return "has a bridge of one address; it needs at least two";
    }
    const target here{true, static_cast<std::uint32_t>(to.bridges.size())};
    to.bridges.emplace_back();
    for (const auto& text : from.bridge) {
        auto where = message::parse_address(text);
        if (where.has_error()) {
            return "has a bridge over " + where.error();
        }
        to.add(*message::pattern::parse(text), here);
        to.bridges.back().push_back(std::move(*where));
    }
    return {};
}

std::string add_route(plan& to, const route_config& from) {
    if (!from.bridge.empty()) {
        return add_bridge(to, from);
    }
    if (from.from.empty() || from.to.empty()) {
        return "needs \"from\" and \"to\", or \"bridge\"";
    }
    const target here{false, to.agent_index(from.to)};
    for (const auto& text : from.from) {
        auto what = message::pattern::parse(text);
        if (what.has_error()) {
            return "has a pattern that is none: " + what.error();
        }
        to.add(std::move(*what), here);
    }
    return {};
}

void compile(view& into, const named_pattern& from) {
    if (!from.what.is_prefix()) {
        into.by_chat[from.what.exact().chat].push_back({from.what.exact().thread, from.to});
        return;
    }
    const auto own = into.name + ":";
    const auto& start = from.what.prefix();
    if (start.starts_with(own)) {
        into.by_prefix.push_back({start.substr(own.size()), from.to});
    } else if (own.starts_with(start)) {
        into.by_prefix.push_back({{}, from.to});
    }
}

bool says_already(const std::vector<copy>& copies, std::size_t begin, std::uint32_t slot, std::string_view chat,
                  std::string_view thread) {
    return std::any_of(copies.begin() + static_cast<std::ptrdiff_t>(begin), copies.end(), [&](const copy& made) {
        return made.to == slot && made.message.chat == chat && made.message.thread == thread;
    });
}

// "Ann: hi"; without the name where it is unknown, or where the text would grow past its bound.
std::string with_name(const message::message& said) {
    if (!said.sender) {
        return said.text;
    }
    const auto& name = said.sender->name.empty() ? said.sender->id : said.sender->name;
    if (name.empty() || name.size() + 2 + said.text.size() > GW_MAX_TEXT_BYTES) {
        return said.text;
    }
    std::string text;
    text.reserve(name.size() + 2 + said.text.size());
    text += name;
    text += ": ";
    text += said.text;
    return text;
}

}  // namespace

struct router::tables {
    plan routes;
    std::unordered_map<std::string, std::uint32_t> slots;  // by name
    std::unordered_map<std::uint32_t, view> views;
    mutable std::string scratch;  // an address as text, memory kept

    void compile_view(view& into) const {
        into.by_chat.clear();
        into.by_prefix.clear();
        const auto agent = routes.agent_indices.find(into.name);
        into.agent = agent == routes.agent_indices.end() ? no_agent : agent->second;
        if (const auto own = routes.by_instance.find(into.name); own != routes.by_instance.end()) {
            for (const auto& each : own->second) {
                compile(into, each);
            }
        }
        for (const auto& each : routes.over_instances) {
            compile(into, each);
        }
    }

    // The address of a chat as text, in `scratch`.
    const std::string& address_text(const view& of, std::string_view chat, std::string_view thread) const {
        scratch.clear();
        message::append_address(scratch, of.name, chat, thread);
        return scratch;
    }

    // Calls `visit` with each target that the routes name for this chat; stops when it says true.
    template <class Visit>
    bool any_target(const view& of, const std::string& chat, std::string_view thread, Visit visit) const {
        if (!of.by_chat.empty()) {
            if (const auto found = of.by_chat.find(chat); found != of.by_chat.end()) {
                for (const auto& each : found->second) {
                    if ((each.thread.empty() || each.thread == thread) && visit(each.to)) {
                        return true;
                    }
                }
            }
        }
        for (const auto& each : of.by_prefix) {
            const bool matches =
                each.start.empty() ||
                std::string_view(address_text(of, chat, thread)).substr(of.name.size() + 1).starts_with(each.start);
            if (matches && visit(each.to)) {
                return true;
            }
        }
        return false;
    }

    enum class answered : std::uint8_t { no, yes, not_allowed };
    answered answer(const view& from, const message::message& said, std::vector<copy>& ret_copies) const;
    void copy_to_agent(const view& origin, const std::string& agent, const message::message& said, std::size_t begin,
                       std::vector<copy>& ret_copies) const;
    void copy_over_bridge(const view& origin, const std::vector<message::address>& ends, const message::message& said,
                          std::size_t begin, std::vector<copy>& ret_copies) const;
};

// What an agent says in a chat that is an address goes there, when a route sends that chat to the agent.
router::tables::answered router::tables::answer(const view& from, const message::message& said,
                                                std::vector<copy>& ret_copies) const {
    const auto where = message::parse_address(said.chat);
    if (where.has_error()) {
        return answered::no;
    }
    const auto slot = slots.find(where->instance);
    if (slot == slots.end()) {
        return answered::no;
    }
    const auto& thread = where->thread.empty() ? said.thread : where->thread;
    const auto is_from = [&](const target& to) { return !to.is_bridge && to.index == from.agent; };
    if (!any_target(views.at(slot->second), where->chat, thread, is_from)) {
        return answered::not_allowed;
    }
    message::message out;
    out.chat = where->chat;
    out.thread = thread;
    out.reply_to = said.reply_to;
    out.text = said.text;
    out.time_ms = said.time_ms;
    out.extra = said.extra;
    ret_copies.push_back({slot->second, std::move(out)});
    return answered::yes;
}

void router::tables::copy_to_agent(const view& origin, const std::string& agent, const message::message& said,
                                   std::size_t begin, std::vector<copy>& ret_copies) const {
    const auto to = slots.find(agent);
    if (to == slots.end() || agent == origin.name) {
        return;
    }
    const auto& address = address_text(origin, said.chat, said.thread);
    if (address.size() > GW_MAX_ID_BYTES || says_already(ret_copies, begin, to->second, address, {})) {
        return;
    }
    auto& made = ret_copies.emplace_back(copy{to->second, said});
    made.message.chat = address;
    made.message.thread.clear();
}

void router::tables::copy_over_bridge(const view& origin, const std::vector<message::address>& ends,
                                      const message::message& said, std::size_t begin,
                                      std::vector<copy>& ret_copies) const {
    if (said.text.empty()) {
        return;
    }
    for (const auto& end : ends) {
        const bool is_origin =
            end.instance == origin.name && end.chat == said.chat && (end.thread.empty() || end.thread == said.thread);
        const auto to = slots.find(end.instance);
        if (is_origin || to == slots.end() || says_already(ret_copies, begin, to->second, end.chat, end.thread)) {
            continue;
        }
        message::message out;
        out.chat = end.chat;
        out.thread = end.thread;
        out.text = with_name(said);
        out.time_ms = said.time_ms;
        ret_copies.push_back({to->second, std::move(out)});
    }
}

router::router() : tables_(std::make_unique<tables>()) {}

router::~router() = default;

boost::system::result<void, std::string> router::set_routes(const std::vector<route_config>& routes) {
    plan made;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (const auto wrong = add_route(made, routes[i]); !wrong.empty()) {
            return {boost::system::in_place_error, "route " + std::to_string(i + 1) + " " + wrong};
        }
    }
    tables_->routes = std::move(made);
    for (auto& [slot, each] : tables_->views) {
        tables_->compile_view(each);
    }
    return {};
}

void router::add_instance(std::uint32_t slot, std::string_view name) {
    auto& made = tables_->views[slot];
    made.name = name;
    tables_->slots[made.name] = slot;
    tables_->compile_view(made);
}

void router::remove_instance(std::uint32_t slot) {
    const auto found = tables_->views.find(slot);
    if (found != tables_->views.end()) {
        tables_->slots.erase(found->second.name);
        tables_->views.erase(found);
    }
}

verdict router::route(std::uint32_t from, const message::message& said, std::vector<copy>& ret_copies) const {
    if (said.sender && (said.sender->flags & GW_SENDER_SELF) != 0) {
        return verdict::own;
    }
    const auto& origin = tables_->views.at(from);
    auto answered = tables::answered::no;
    if (origin.agent != no_agent) {
        answered = tables_->answer(origin, said, ret_copies);
        if (answered == tables::answered::yes) {
            return verdict::answered;
        }
    }
    const auto begin = ret_copies.size();
    tables_->any_target(origin, said.chat, said.thread, [&](const target& to) {
        if (to.is_bridge) {
            tables_->copy_over_bridge(origin, tables_->routes.bridges[to.index], said, begin, ret_copies);
        } else {
            tables_->copy_to_agent(origin, tables_->routes.agents[to.index], said, begin, ret_copies);
        }
        return false;
    });
    if (ret_copies.size() > begin) {
        return verdict::routed;
    }
    return answered == tables::answered::not_allowed ? verdict::refused : verdict::unroutable;
}

}  // namespace gateway::route
