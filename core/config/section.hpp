// Reads one TOML table key by key: each getter knows the key, its type and its range, and complains about what does not
// fit; `finish` complains about the keys that nobody asked for.
//
// Used on one thread while a file is loaded; borrows the table and the collector.
#pragma once

#include "config/complaint.hpp"
#include "config/document.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::config {

class section {
public:
    // `path` is the table's dotted key, empty for the root.
    section(const node::table& table, std::string path, complaints& problems)
        : table_{table}, path_{std::move(path)}, problems_{problems} {}

    // The member of that name, or nothing. From now on the key is a known one.
    const member* take(std::string_view key);

    // Each returns nothing when the key is absent, or wrong and complained about.
    std::optional<std::string> text(std::string_view key);
    std::optional<bool> truth(std::string_view key);
    std::optional<std::int64_t> whole(std::string_view key, std::int64_t least, std::int64_t most);
    std::optional<double> number(std::string_view key);
    std::optional<std::chrono::milliseconds> duration(std::string_view key);
    std::optional<std::vector<std::chrono::milliseconds>> durations(std::string_view key, std::size_t most);
    // The index of the text among the words.
    std::optional<std::size_t> word(std::string_view key, std::initializer_list<std::string_view> words);
    const node::table* table(std::string_view key);

    void complain(const member& member, std::string text) const;
    [[nodiscard]] std::string key_of(std::string_view key) const { return join_key(path_, key); }
    [[nodiscard]] complaints& problems() const { return problems_; }

    // The members that nobody took.
    [[nodiscard]] std::vector<const member*> rest() const;
    void finish() const;

private:
    template <class T>
    const T* typed(std::string_view key, std::string_view right);

    const node::table& table_;
    std::string path_;
    complaints& problems_;
    std::vector<std::string> known_;
};

// "is a whole number, but must be a text": what to say of a value of the wrong type.
std::string wrong_type(const node& value, std::string_view right);

}  // namespace gateway::config
