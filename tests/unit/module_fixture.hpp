// What the tests of core/module share: a plugins directory and a state directory of their own, and files in them.
#pragma once

#include "module/catalogue.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::module::testing {

namespace fs = std::filesystem;

using test::temporary_directory;

// The module that tests/bad_modules builds under this name.
inline fs::path built(const std::string& name) {
    return fs::path(GATEWAY_STATIC_FAULTS_DIR) / (name + ".so");
}

inline std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write(const fs::path& path, std::string_view bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(out.flush());
}

// The bytes with each `from` replaced by a `to` of the same length: another module without a compiler.
inline std::string patched(std::string bytes, std::string_view from, std::string_view to) {
    REQUIRE(from.size() == to.size());
    REQUIRE(bytes.find(from) != std::string::npos);
    for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size())) {
        bytes.replace(at, to.size(), to);
    }
    return bytes;
}

inline std::string minimal() {
    return contents(built("good_minimal"));
}

// The sound module under another name of seven letters.
inline std::string minimal_named(std::string_view name) {
    return patched(minimal(), "minimal", name);
}

inline std::string minimal_version(std::string_view version) {
    return patched(minimal(), "1.0.0", version);
}

// What `loading` does when the probe has nothing to say, or this.
inline catalogue::load_result load(catalogue& modules, std::string_view name,
                                   const std::optional<refusal>& objection = {}) {
    if (const auto* loaded = modules.find(name)) {
        return loaded;
    }
    auto prepared = modules.prepare(name);
    return prepared ? modules.finish(std::move(*prepared), objection) : prepared.error();
}

struct directories {
    temporary_directory root;
    fs::path plugins = root.path() / "plugins";
    fs::path state = root.path() / "state";

    directories() { fs::create_directory(plugins); }

    [[nodiscard]] catalogue_settings settings() const {
        return {.plugins_dir = plugins, .state_dir = state, .host_extensions = {"gateway.timer/1", "gateway.kv/1"}};
    }
    void put(const std::string& file_name, std::string_view bytes) const { write(plugins / file_name, bytes); }
    // In one step, as a package manager does it.
    void put_by_rename(const std::string& file_name, std::string_view bytes) const {
        const auto fresh = root.path() / ("." + file_name + ".new");
        write(fresh, bytes);
        fs::rename(fresh, plugins / file_name);
    }
};

// "appeared minimal", "refused not_elf broken.so" …, one per change.
inline std::vector<std::string> told(const std::vector<change>& changes) {
    std::vector<std::string> result;
    for (const auto& one : changes) {
        switch (one.what) {
            case change::kind::appeared:
                result.push_back("appeared " + one.name);
                break;
            case change::kind::replaced:
                result.push_back("replaced " + one.name);
                break;
            case change::kind::reinstalled:
                result.push_back("reinstalled " + one.name);
                break;
            case change::kind::vanished:
                result.push_back("vanished " + one.name);
                break;
            case change::kind::refused:
                result.push_back("refused " + std::string(to_string(one.refused->code)) + " " +
                                 fs::path(one.path).filename().string());
                break;
        }
    }
    return result;
}

using words = std::vector<std::string>;

}  // namespace gateway::module::testing
