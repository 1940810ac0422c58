#include "support/telegram_methods.hpp"

#include "support/telegram_text.hpp"

#include <map>

namespace gateway::test {

const telegram_method* find_method(std::string_view name) {
    static const auto table = [] {
        std::map<std::string, telegram_method> methods;
        for (auto group : {bot_methods(), command_methods(), message_methods(), media_methods(), other_methods(),
                           edit_methods(), chat_methods()}) {
            for (auto& method : group) {
                const auto kind = lower(method.name);
                method.is_paced = (kind.starts_with("send") && kind != "sendchataction") || kind.starts_with("edit");
                methods.emplace(lower(method.name), std::move(method));
            }
        }
        return methods;
    }();
    const auto it = table.find(lower(name));
    return it == table.end() ? nullptr : &it->second;
}

}  // namespace gateway::test
