// A directory of the test's own, gone with the object and everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace gateway::test {

class temporary_directory {
public:
    temporary_directory() {
        auto pattern = (std::filesystem::temp_directory_path() / "gateway-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no temporary directory can be made");
        }
        path_ = std::filesystem::canonical(pattern);
    }
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    // Writes a file and answers its path.
    std::string file(const std::string& name, std::string_view content) const {
        const auto path = path_ / name;
        std::ofstream{path, std::ios::binary}.write(content.data(), static_cast<std::streamsize>(content.size()));
        return path.string();
    }

private:
    std::filesystem::path path_;
};

}  // namespace gateway::test
