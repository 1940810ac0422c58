// Loading a text as configuration, and finding one complaint among the others.
#pragma once

#include "config/config.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace config_test {

// What the tests' configurations find instead of the process's environment.
struct surroundings {
    std::map<std::string, std::string> variables;
    gateway::log::secret_registry secrets;

    gateway::config::environment environment() {
        return {[this](const std::string& name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    return found == variables.end() ? std::nullopt : std::optional{found->second};
                },
                &secrets};
    }
};

// A folder that is removed with its files at the end of the test.
class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "gateway-config-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(const std::string& name, std::string_view text,
                                std::filesystem::perms mode = std::filesystem::perms::owner_read |
                                                              std::filesystem::perms::owner_write) const {
        const auto file = path_ / name;
        std::ofstream{file, std::ios::binary} << text;
        std::filesystem::permissions(file, mode);
        return file;
    }

private:
    std::filesystem::path path_;
};

inline gateway::config::loaded load(std::string_view text, surroundings& around,
                                    const std::filesystem::path& folder = "/") {
    return gateway::config::load_text(text, "gateway.toml", folder, around.environment());
}

inline std::string all_of(const std::vector<gateway::config::complaint>& complaints) {
    std::string out;
    for (const auto& complaint : complaints) {
        out += to_string(complaint) + '\n';
    }
    return out;
}

// Those that refuse the file and those of single instances, in the file's order.
inline std::vector<gateway::config::complaint> mistakes_in(const gateway::config::loaded& result) {
    gateway::config::complaints all{result.values.file};
    all.add(result.refusals);
    for (const auto& adapter : result.values.adapters) {
        all.add(adapter.mistakes);
    }
    return all.take();
}

inline gateway::config::configuration load_good(std::string_view text, surroundings& around,
                                                const std::filesystem::path& folder = "/") {
    auto result = load(text, around, folder);
    REQUIRE(all_of(mistakes_in(result)) == "");
    return result.values;
}

inline gateway::config::configuration load_good(std::string_view text) {
    surroundings around;
    return load_good(text, around);
}

// Every complaint about the text, one a line.
inline std::string complaints_about(std::string_view text, surroundings& around,
                                    const std::filesystem::path& folder = "/") {
    return all_of(mistakes_in(load(text, around, folder)));
}

inline std::string complaints_about(std::string_view text) {
    surroundings around;
    return complaints_about(text, around);
}

}  // namespace config_test
