#include "telegram_album.hpp"

#include "telegram_text.hpp"

#include <algorithm>
#include <iterator>

namespace gateway::telegram {
namespace {

struct parts {
    std::vector<std::size_t> at;  // of the updates, the first one first
    bool whole = false;
};

std::string key_of(const parsed_update& of) {
    return of.chat->id + ":" + of.album;
}

// The album that begins with this update, as far as the answer shows it.
parts parts_of(const std::vector<parsed_update>& updates, std::size_t first) {
    const parsed_update& begin = updates[first];
    parts found{.at = {first}};
    std::int64_t newest = begin.date_ms;
    for (std::size_t index = first + 1; index < updates.size() && !found.whole; ++index) {
        const parsed_update& each = updates[index];
        const bool same_chat = each.is_message && each.chat && each.chat->id == begin.chat->id;
        if (same_chat && each.album == begin.album && !each.events.empty()) {
            found.at.push_back(index);
            newest = std::max(newest, each.date_ms);
        } else if (same_chat) {
            found.whole = true;
        } else if (each.date_ms != 0 && each.date_ms - newest >= album_age_ms) {
            found.whole = true;
        }
        found.whole = found.whole || found.at.size() == max_album;
    }
    return found;
}

void join_texts(sdk::message& ret_first, const std::string& more) {
    if (more.empty()) {
        return;
    }
    std::string joined = ret_first.text;
    joined.append(joined.empty() ? "" : "\n\n").append(more);
    if (joined.size() <= GW_MAX_TEXT_BYTES) {  // else it ends before the caption that is too much: no style is cut
        ret_first.text = std::move(joined);
    }
}

void join(std::vector<parsed_update>& updates, const parts& album) {
    parsed_update& first = updates[album.at.front()];
    incoming& whole = first.events.front();
    boost::json::array others;
    for (auto index = std::next(album.at.begin()); index != album.at.end(); ++index) {
        parsed_update& part = updates[*index];
        sdk::message& more = part.events.front().message;
        std::move(more.attachments.begin(), more.attachments.end(), std::back_inserter(whole.message.attachments));
        join_texts(whole.message, more.text);
        whole.message.flags |= more.flags;
        others.emplace_back(more.id);
        first.unknown_entities += part.unknown_entities;
        part.unknown_entities = 0;
        part.events.clear();
        part.album.clear();
    }
    if (!others.empty()) {
        whole.extra["album"] = std::move(others);
    }
}

}  // namespace

std::size_t albums::gather(std::vector<parsed_update>& updates) {
    std::size_t taken = updates.size();
    std::vector<seen> open;
    std::vector<std::string> begun;  // albums that wait: their later parts begin none
    for (std::size_t index = 0; index < updates.size(); ++index) {
        if (updates[index].album.empty()) {
            continue;
        }
        std::string key = key_of(updates[index]);
        if (std::find(begun.begin(), begun.end(), key) != begun.end()) {
            continue;
        }
        const parts album = parts_of(updates, index);
        const seen now{key, album.at.size()};
        const bool waited = std::find(waited_for_.begin(), waited_for_.end(), now) != waited_for_.end();
        if (!album.whole) {
            open.push_back(now);  // one that was waited for may stand behind another that was not
        }
        if (album.whole || waited) {
            join(updates, album);
            continue;
        }
        taken = std::min(taken, index);
        begun.push_back(std::move(key));
    }
    waited_for_ = std::move(open);
    return taken;
}

}  // namespace gateway::telegram
