// Runs a program to its end and keeps what it said: for tests of command lines.
#pragma once

#include <string>
#include <vector>

namespace gateway::test {

struct command_result {
    int exit_code = 0;  // 128 + signal when a signal ended it
    std::string out;
    std::string err;
};

// Blocks until the program ends; the test's own time limit is the deadline.
[[nodiscard]] command_result run_command(const std::vector<std::string>& words);

}  // namespace gateway::test
