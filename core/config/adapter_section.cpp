#include "config/adapter_section.hpp"

#include "config/names.hpp"
#include "config/reconnect_section.hpp"
#include "config/section.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gateway::config {
namespace {

struct source_key {
    std::string_view name;
    secret_source source;
};
constexpr std::array source_keys{source_key{"env", secret_source::env}, source_key{"file", secret_source::file},
                                 source_key{"credential", secret_source::credential}};

std::optional<secret_source> source_named(std::string_view key) {
    for (const source_key& known : source_keys) {
        if (known.name == key) {
            return known.source;
        }
    }
    return std::nullopt;
}

// A table is a secret's source when all its keys are words for one and their values are texts. One such key is right; a
// table with two cannot be meant otherwise and is a mistake.
bool is_secret_table(const node::table& table) {
    return !table.empty() && std::all_of(table.begin(), table.end(), [](const member& member) {
        return source_named(member.key).has_value() && member.value.as<std::string>() != nullptr;
    });
}

// Reads values into JSON, resolving secrets on the way and noting where each stands.
class json_reader {
public:
    json_reader(const std::filesystem::path& folder, const environment& environment, file_findings findings,
                source_map* places)
        : folder_{folder}, environment_{environment}, findings_{findings}, places_{places} {}

    boost::json::value read(const node& from, const std::string& key, const std::string& pointer) {
        if (const auto* table = from.as<node::table>()) {
            return is_secret_table(*table) ? read_secret(*table, from.at, key) : read_table(*table, key, pointer);
        }
        if (const auto* list = from.as<node::list>()) {
            boost::json::array items;
            for (std::size_t i = 0; i < list->size(); ++i) {
                const std::string index = std::to_string(i);
                const std::string item_pointer = pointer + '/' + index;
                note(item_pointer, {(*list)[i].at, (*list)[i].at});
                items.push_back(read((*list)[i], key + '[' + index + ']', item_pointer));
            }
            return items;
        }
        return read_scalar(from, key);
    }

    boost::json::object read_members(const std::vector<const member*>& members, const std::string& key,
                                     const std::string& pointer) {
        boost::json::object object;
        for (const member* member : members) {
            const std::string member_pointer = pointer + '/' + escape_pointer_token(member->key);
            if (member->key.size() > max_setting_key_bytes) {
                findings_.problems.add(member->key_at, key,
                                       "has a key of more than " + std::to_string(max_setting_key_bytes) + " bytes");
                continue;
            }
            note(member_pointer, {member->key_at, member->value.at});
            object[member->key] = read(member->value, join_key(key, member->key), member_pointer);
        }
        return object;
    }

private:
    void note(const std::string& pointer, place place) {
        if (places_ != nullptr) {
            places_->emplace(pointer, place);
        }
    }

    boost::json::value read_table(const node::table& table, const std::string& key, const std::string& pointer) {
        std::vector<const member*> members;
        members.reserve(table.size());
        for (const member& member : table) {
            members.push_back(&member);
        }
        return read_members(members, key, pointer);
    }

    boost::json::value read_secret(const node::table& table, position at, const std::string& key) {
        if (table.size() > 1) {
            findings_.problems.add(at, key, "has more than one source; keep one of env, file and credential");
            return "";
        }
        const member& source = table.front();
        auto secret = resolve_secret(*source_named(source.key), *source.value.as<std::string>(), folder_, environment_);
        if (!secret) {
            findings_.problems.add(source.value.at, key, secret.error().text);
            return "";
        }
        if (!secret->warning.empty()) {
            findings_.warnings.add(source.value.at, key, secret->warning);
        }
        return boost::json::string{secret->value};
    }

    boost::json::value read_scalar(const node& from, const std::string& key) {
        if (const auto* text = from.as<std::string>()) {
            return boost::json::string{*text};
        }
        if (const auto* time = from.as<toml_time>()) {
            return boost::json::string{time->text};
        }
        if (const auto* truth = from.as<bool>()) {
            return *truth;
        }
        if (const auto* whole = from.as<std::int64_t>()) {
            return *whole;
        }
        const double real = *from.as<double>();
        if (!std::isfinite(real)) {
            findings_.problems.add(from.at, key, "is no finite number; adapters take JSON, which has no inf or nan");
            return 0.0;
        }
        return real;
    }

    const std::filesystem::path& folder_;
    const environment& environment_;
    file_findings findings_;
    source_map* places_;
};

std::vector<chat_settings> read_chats(section& from, const adapter_defaults& defaults, file_findings findings) {
    std::vector<chat_settings> result;
    const node::table* chats = from.table("chats");
    if (chats == nullptr) {
        return result;
    }
    const std::string path = from.key_of("chats");
    if (chats->size() > max_chats) {
        from.complain(*from.take("chats"), "has " + std::to_string(chats->size()) + " chats, but at most " +
                                               std::to_string(max_chats) + " are allowed");
        return result;
    }
    for (const member& chat : *chats) {
        const std::string key = join_key(path, chat.key);
        if (chat.key.empty() || chat.key.size() > max_id_bytes) {
            findings.problems.add(chat.key_at, key, "a chat's id has 1 to 255 bytes");
        }
        if (chat.value.as<node::table>() == nullptr) {
            findings.problems.add(chat.value.at, key,
                                  wrong_type(chat.value, "a table with the chat's settings, written as [" + key + "]"));
            continue;
        }
        json_reader reader{defaults.folder, defaults.env, findings, nullptr};
        result.push_back({chat.key, boost::json::serialize(reader.read(chat.value, key, ""))});
    }
    return result;
}

adapter_config read_adapter(const member& adapter, const node::table& table, const std::string& path,
                            const adapter_defaults& defaults, file_findings findings) {
    section from{table, path, findings.problems};
    adapter_config to;
    to.name = adapter.key;
    to.plugin_at = adapter.value.at;
    if (const member* plugin = from.take("plugin"); plugin == nullptr) {
        findings.problems.add(adapter.value.at, join_key(path, "plugin"),
                              "is missing; write plugin = \"NAME\" of the module, such as \"telegram\"");
    } else if (auto name = from.text("plugin")) {
        if (auto problem = plugin_name_problem(*name)) {
            from.complain(*plugin, *problem);
        }
        to.plugin = std::move(*name);
        to.plugin_at = plugin->value.at;
    }
    to.enabled = from.truth("enabled").value_or(true);
    to.reconnect = defaults.reconnect;
    if (const node::table* reconnect = from.table("reconnect")) {
        to.reconnect = read_reconnect(*reconnect, from.key_of("reconnect"), defaults.reconnect, findings.problems);
    }
    to.proxy = defaults.proxy;
    if (const member* proxy = from.take("proxy")) {
        to.proxy =
            read_proxy(*proxy, from.key_of("proxy"), defaults.folder, defaults.env, findings).value_or(defaults.proxy);
    }
    to.chats = read_chats(from, defaults, findings);
    to.places.emplace("", place{adapter.key_at, adapter.value.at});
    json_reader reader{defaults.folder, defaults.env, findings, &to.places};
    to.json = boost::json::serialize(reader.read_members(from.rest(), path, ""));
    return to;
}

}  // namespace

std::optional<std::string> read_proxy(const member& member, const std::string& key, const std::filesystem::path& folder,
                                      const environment& environment, file_findings findings) {
    const auto* table = member.value.as<node::table>();
    if (member.value.as<std::string>() == nullptr && (table == nullptr || !is_secret_table(*table))) {
        findings.problems.add(member.value.at, key, wrong_type(member.value, "a proxy's URL in quotes, or \"direct\""));
        return std::nullopt;
    }
    const std::size_t before = findings.problems.size();
    json_reader reader{folder, environment, findings, nullptr};
    const boost::json::value url = reader.read(member.value, key, "");
    if (findings.problems.size() != before) {
        return std::nullopt;
    }
    std::string text{url.as_string()};
    if (text == "direct") {
        return std::string{};
    }
    if (auto problem = proxy_problem(text)) {
        findings.problems.add(member.value.at, key, *problem);
        return std::nullopt;
    }
    environment.secrets->add(proxy_password(text));
    return text;
}

std::vector<adapter_config> read_adapters(const node::table& adapters, const adapter_defaults& defaults,
                                          file_findings findings) {
    std::vector<adapter_config> result;
    for (const member& adapter : adapters) {
        const std::string path = join_key("adapters", adapter.key);
        if (auto problem = instance_name_problem(adapter.key)) {
            findings.problems.add(adapter.key_at, path, "the name " + *problem);
        }
        const auto* table = adapter.value.as<node::table>();
        if (table == nullptr) {
            findings.problems.add(adapter.value.at, path,
                                  wrong_type(adapter.value, "a table, written as [" + path + "]"));
            continue;
        }
        complaints mistakes{findings.problems.file()};
        result.push_back(read_adapter(adapter, *table, path, defaults, {mistakes, findings.warnings}));
        result.back().mistakes = mistakes.take();
    }
    return result;
}

}  // namespace gateway::config
