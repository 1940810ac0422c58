#include "telegram_inbox.hpp"

#include "telegram_json.hpp"
#include "telegram_protocol.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace gateway::telegram {
namespace {

constexpr std::size_t max_batch_events = 1'000;  // the ABI's bound

// As many of them as fit into one batch: each may bring its chat too.
std::vector<parsed_update> parse_all(const boost::json::array& updates, const reading& how) {
    std::vector<parsed_update> parsed;
    std::size_t events = 0;
    const std::size_t count = std::min<std::size_t>(updates.size(), max_updates);
    for (std::size_t index = 0; index < count; ++index) {
        parsed_update update = parse_update(updates[index], how);
        events += update.events.size() + 1;
        if (events > max_batch_events) {
            break;
        }
        parsed.push_back(std::move(update));
    }
    return parsed;
}

}  // namespace

std::optional<sdk::chat_view> known_chats::learn(const chat_entry& chat) {
    const std::hash<std::string_view> hash;
    const std::size_t shown = hash(chat.title) ^ static_cast<std::size_t>(chat.kind);
    const std::size_t previous = chat.previous_id.empty() ? 0 : hash(chat.previous_id);
    if (chats_.size() >= max_chats && !chats_.contains(chat.id)) {
        chats_.clear();
    }
    const auto [at, added] = chats_.try_emplace(chat.id, known{shown, previous, chat.gone.value_or(false)});
    known& was = at->second;
    const bool changed =
        was.shown != shown || was.gone != chat.gone.value_or(was.gone) || (previous != 0 && was.previous != previous);
    if (!added && !changed) {
        return std::nullopt;
    }
    was = {shown, previous != 0 ? previous : was.previous, chat.gone.value_or(was.gone)};
    return chat.view(was.gone);
}

void inbox::take(parsed_update& update, received& ret_all) {
    if (update.chat) {
        if (const auto entry = chats_.learn(*update.chat)) {
            ret_all.events.add_chat(*entry);
        }
    }
    if (!update.query.empty()) {
        ret_all.queries.push_back(std::move(update.query));
    }
    if (update.unwanted && !update.events.empty() &&
        (update.events.front().message.flags & GW_MESSAGE_ADDRESSED) == 0) {
        update.kind = update_kind::left_out;
        update.about = "an album in a group, not addressed";
        update.events.clear();
    }
    if (update.kind == update_kind::unreadable) {
        ret_all.unreadable.push_back(std::move(update.about));
    } else if (update.kind == update_kind::left_out && ret_all.left_out++ == 0) {
        ret_all.first_left_out = std::move(update.about);
    }
    if (!update.named_only.empty() && ret_all.named_only++ == 0) {
        ret_all.first_named_only = std::move(update.named_only);
    }
    ret_all.unknown_entities += update.unknown_entities;
    for (incoming& each : update.events) {
        each.message.extra = serialized(each.extra, GW_MAX_EXTRA_BYTES);
        ret_all.events.add(each.kind, each.message, each.dedupe_id);
    }
}

received inbox::read(const boost::json::array& updates, const reading& how) {
    std::vector<parsed_update> parsed = parse_all(updates, how);
    const std::size_t taken = albums_.gather(parsed);
    received all;
    all.waits = taken < parsed.size();
    for (std::size_t index = 0; index < taken; ++index) {
        if (const auto id = update_id(updates[index])) {
            all.next_offset = *id + 1;
        }
        take(parsed[index], all);
    }
    return all;
}

}  // namespace gateway::telegram
