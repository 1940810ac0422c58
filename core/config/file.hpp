// Reads whole files from outside with a bound.
//
// Blocking, any thread. Only regular files are read: a directory, a device or a pipe that never ends is refused.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace gateway::config {

struct file_text {
    std::string text;
    bool readable_by_all = false;  // its mode lets every user of the machine read it
};

struct file_problem {
    std::string text;  // the end of a sentence whose subject is the file
    bool absent = false;
};

boost::system::result<file_text, file_problem> read_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace gateway::config
