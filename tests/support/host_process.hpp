// The real gateway-host in a child process, with directories of its own: for tests from the outside.
//
// Waiting is for lines of the host's log, which arrive over a pipe, under a deadline; nothing sleeps. The host is
// killed by its process id when the object dies. All it wrote is kept in `output()`.
#pragma once

#include "support/temporary_directory.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace gateway::test {

void write_file(const std::filesystem::path& path, std::string_view text);

// The answer of a call to the control socket.
struct control_answer {
    unsigned status = 0;
    boost::json::value body;
};

class host_process {
public:
    static constexpr std::chrono::seconds patience{20};

    host_process();
    ~host_process();
    host_process(const host_process&) = delete;
    host_process& operator=(const host_process&) = delete;

    // Before `start`: modules are copied into the plugins directory under their own names.
    void install(const std::filesystem::path& module);
    void configure(std::string_view toml);
    void set_environment(std::string name, std::string value) { environment_[std::move(name)] = std::move(value); }
    void add_argument(std::string argument) { arguments_.push_back(std::move(argument)); }

    // Lines are awaited from here on: those an earlier run wrote last are passed over.
    void start();
    // The first line from here on that holds all of `parts`; each line is looked at once. Fails the test when none
    // comes in time or the host ends first.
    std::string wait_for_line(const std::vector<std::string>& parts);
    // Likewise for several lines in any order, each of its own.
    std::vector<std::string> wait_for_lines(const std::vector<std::vector<std::string>>& awaited);
    void signal(int number) const;
    // Its exit code, or 128 + signal; fails the test when it does not end in time.
    int wait_for_exit();
    // SIGKILL, and the end of it.
    void kill();

    [[nodiscard]] control_answer get(std::string_view target) const;
    [[nodiscard]] control_answer post(std::string_view target) const;
    // GET /v1/adapters/NAME.
    [[nodiscard]] boost::json::object adapter(std::string_view name) const;

    [[nodiscard]] std::string output() const;
    [[nodiscard]] std::filesystem::path plugins_dir() const { return directory_.path() / "plugins"; }
    [[nodiscard]] std::filesystem::path state_dir() const { return directory_.path() / "state"; }
    [[nodiscard]] std::filesystem::path config_file() const { return directory_.path() / "gateway.toml"; }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    // Drains the host's output all the time: a full pipe would stop it.
    void read_output(int from);

    temporary_directory directory_;
    std::map<std::string, std::string> environment_;
    std::vector<std::string> arguments_;
    pid_t pid_ = -1;
    std::size_t looked_at_ = 0;
    std::thread reader_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable grown_;
    std::string output_;
    bool at_end_ = false;
};

}  // namespace gateway::test
