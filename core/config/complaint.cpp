#include "config/complaint.hpp"

#include "log/utf8.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gateway::config {
namespace {

bool is_bare(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

// How many edits (insert, drop, replace, swap neighbours) lead from one name to the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

constexpr std::size_t max_compared_bytes = 64;  // longer names are not typing errors
constexpr std::size_t max_listed = 12;

}  // namespace

std::string to_string(const complaint& complaint) {
    std::string out = complaint.file;
    if (complaint.at.line != 0) {
        out += ':' + std::to_string(complaint.at.line) + ':' + std::to_string(complaint.at.column);
    }
    out += ": ";
    if (!complaint.key.empty()) {
        out += log::shorten(complaint.key, 256) + ": ";
    }
    return log::to_printable(out + complaint.text);
}

void complaints::add(position at, std::string key, std::string text) {
    const auto behind = std::upper_bound(kept_.begin(), kept_.end(), at, [](position place, const complaint& other) {
        return std::tie(place.line, place.column) < std::tie(other.at.line, other.at.column);
    });
    kept_.insert(behind, {file_, at, std::move(key), std::move(text)});
    if (kept_.size() > max_kept) {
        kept_.pop_back();
        ++dropped_;
    }
}

void complaints::add(const std::vector<complaint>& found) {
    for (const complaint& each : found) {
        add(each.at, each.key, each.text);
    }
}

std::vector<complaint> complaints::take() {
    if (dropped_ > 0) {
        kept_.push_back(
            {file_, kept_.back().at, "", "has " + std::to_string(dropped_) + " more mistakes from here on"});
        dropped_ = 0;
    }
    return std::exchange(kept_, {});
}

std::string join_key(std::string_view parent, std::string_view key) {
    std::string out{parent};
    if (!out.empty()) {
        out += '.';
    }
    if (is_bare(key)) {
        return out.append(key);
    }
    out += '"';
    for (const char c : key) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

std::string list_words(const std::vector<std::string>& words, std::string_view last_word) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && i + 1 == words.size()) {
            out.append(last_word == "," ? "" : " ").append(last_word).append(" ");
        } else if (i > 0) {
            out.append(", ");
        }
        out.append(words[i]);
    }
    return out;
}

std::string list_names(std::vector<std::string> names, std::string_view last_word) {
    for (std::string& name : names) {
        name.insert(name.begin(), '\'');
        name.push_back('\'');
    }
    return list_words(names, last_word);
}

std::string suggestion(std::string_view unknown, const std::vector<std::string>& known) {
    const std::string* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(unknown.size() / 3, 2) + 1;
    for (const std::string& name : known) {
        const bool comparable = name.size() <= max_compared_bytes && unknown.size() <= max_compared_bytes;
        // A name this short shares no letter with most that are two edits away.
        if (const std::size_t edits = comparable ? distance(unknown, name) : least;
            edits < least && edits < std::max(name.size(), unknown.size())) {
            least = edits;
            nearest = &name;
        }
    }
    if (nearest != nullptr) {
        return "; did you mean '" + *nearest + "'?";
    }
    if (known.empty()) {
        return "";
    }
    std::vector<std::string> listed = known;
    std::sort(listed.begin(), listed.end());
    const bool all = listed.size() <= max_listed;
    listed.resize(std::min(listed.size(), max_listed));
    return std::string{"; known here "}
        .append(known.size() == 1 ? "is " : "are ")
        .append(list_names(listed, all ? "and" : ","))
        .append(all ? "" : " and others");
}

}  // namespace gateway::config
