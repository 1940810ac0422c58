// A mistake in a configuration: where it is, and one sentence that says what is wrong and what would be right.
//
// Plain values, no I/O. Texts never hold a value from an adapter's table, from a proxy or from a secret's source, so
// they may be logged and shown. A file's complaints are bounded: the first 100, in the order of the file, then one that
// says how many more there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

// Both count from 1; a column counts characters. 0: the complaint is about the file as a whole.
struct position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct complaint {
    std::string file;
    position at;
    std::string key;  // dotted, as in TOML: adapters.tg.token, routes[2].from[0]; empty for the file as a whole
    std::string text;
};

// What is wrong with one value, as the end of a sentence whose subject the caller knows.
struct mistake {
    std::string text;
};

// "gateway.toml:12:9: adapters.tg.tokn: unknown key; did you mean 'token'?"
std::string to_string(const complaint& complaint);

// Collects the complaints about one file.
class complaints {
public:
    static constexpr std::size_t max_kept = 100;

    explicit complaints(std::string file) : file_{std::move(file)} {}

    void add(position at, std::string key, std::string text);
    void add(const std::vector<complaint>& found);
    [[nodiscard]] bool empty() const { return kept_.empty(); }
    [[nodiscard]] std::size_t size() const { return kept_.size() + dropped_; }
    [[nodiscard]] const std::string& file() const { return file_; }

    // In the order of the file; leaves the collector empty.
    std::vector<complaint> take();

private:
    std::string file_;
    std::vector<complaint> kept_;
    std::size_t dropped_ = 0;
};

// `parent.key`, the key quoted when TOML would need quotes.
std::string join_key(std::string_view parent, std::string_view key);

// "; did you mean 'token'?" with the known name nearest to `unknown`, or, when none is near, "; known here are 'a', 'b'
// and 'c'" (the first dozen). `known` may be in any order.
std::string suggestion(std::string_view unknown, const std::vector<std::string>& known);

// "a, b and c", with another last word if need be; `list_names` puts each in single quotes.
std::string list_words(const std::vector<std::string>& words, std::string_view last_word);
std::string list_names(std::vector<std::string> names, std::string_view last_word);

}  // namespace gateway::config
