#include "support/host_process.hpp"

#include "ctl/client.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gateway::test {
namespace {

using clock = std::chrono::steady_clock;

int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    REQUIRE(file.good());
}

host_process::host_process() {
    std::filesystem::create_directories(plugins_dir());
    std::filesystem::permissions(plugins_dir(), std::filesystem::perms::owner_all);
    configure("");
}

host_process::~host_process() {
    kill();
    if (reader_.joinable()) {
        reader_.join();
    }
}

void host_process::install(const std::filesystem::path& module) {
    // As packages and careful people do it: written beside, then renamed into place.
    const auto target = plugins_dir() / module.filename();
    const auto beside = plugins_dir() / (module.filename().string() + ".part");
    std::filesystem::copy_file(module, beside, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(beside, target);
}

void host_process::configure(std::string_view toml) {
    write_file(config_file(), toml);
}

void host_process::start() {
    REQUIRE(pid_ == -1);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    std::vector<std::string> words{GATEWAY_HOST_BINARY, "--plugins-dir", plugins_dir(), "--config",
                                   config_file(),       "--state-dir",   state_dir()};
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
        for (const auto& [name, value] : environment_) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
        ::dup2(ends[1], STDERR_FILENO);
        ::dup2(ends[1], STDOUT_FILENO);
        ::close_range(STDERR_FILENO + 1, ~0U, 0);  // or it would hold the sockets of the test's servers
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    if (reader_.joinable()) {
        reader_.join();
    }
    at_end_ = false;
    looked_at_ = output_.size();  // what an earlier run wrote is no answer of this one
    reader_ = std::thread([this, from = ends[0]] { read_output(from); });
}

void host_process::read_output(int from) {
    std::array<char, 65536> buffer{};
    while (true) {
        const auto got = ::read(from, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        const std::lock_guard lock(mutex_);
        if (got > 0) {
            output_.append(buffer.data(), static_cast<std::size_t>(got));
        }
        at_end_ = got <= 0;
        grown_.notify_all();
        if (at_end_) {
            ::close(from);
            return;
        }
    }
}

std::string host_process::wait_for_line(const std::vector<std::string>& parts) {
    return wait_for_lines({parts}).front();
}

std::vector<std::string> host_process::wait_for_lines(const std::vector<std::vector<std::string>>& awaited) {
    const auto deadline = clock::now() + patience;
    std::vector<std::string> found(awaited.size());
    std::unique_lock lock(mutex_);
    while (true) {
        for (auto end = output_.find('\n', looked_at_); end != std::string::npos;
             end = output_.find('\n', looked_at_)) {
            const auto line = output_.substr(looked_at_, end - looked_at_);
            looked_at_ = end + 1;
            for (std::size_t i = 0; i < awaited.size(); ++i) {
                if (found[i].empty() && std::ranges::all_of(awaited[i], [&](const auto& part) {
                        return line.find(part) != std::string::npos;
                    })) {
                    found[i] = line;
                    break;
                }
            }
            if (std::ranges::none_of(found, &std::string::empty)) {
                return found;
            }
        }
        const auto known = output_.size();
        const bool more = grown_.wait_until(lock, deadline, [&] { return output_.size() != known || at_end_; });
        if (output_.size() == known && (!more || at_end_)) {
            const auto missing = static_cast<std::size_t>(std::ranges::find(found, std::string()) - found.begin());
            INFO("the host wrote:\n" << output_);
            INFO("awaited: " << (awaited[missing].empty() ? std::string{} : awaited[missing].front()));
            REQUIRE_MESSAGE(false, (at_end_ ? "the host ended first" : "the line did not come in time"));
        }
    }
}

std::string host_process::output() const {
    const std::lock_guard lock(mutex_);
    return output_;
}

void host_process::signal(int number) const {
    REQUIRE(pid_ > 0);
    REQUIRE(::kill(pid_, number) == 0);
}

int host_process::wait_for_exit() {
    REQUIRE(pid_ > 0);
    {
        std::unique_lock lock(mutex_);
        const bool ended = grown_.wait_for(lock, patience, [&] { return at_end_; });
        INFO("the host wrote:\n" << output_);
        REQUIRE_MESSAGE(ended, "the host did not end in time");
    }
    int status = 0;
    REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
    return exit_code_of(status);
}

void host_process::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
    }
}

control_answer host_process::get(std::string_view target) const {
    const auto answer = ctl::ask(state_dir() / "control.sock", "GET", target);
    INFO("GET " << std::string(target));
    REQUIRE_MESSAGE(answer.has_value(), (answer.has_error() ? answer.error() : std::string{}));
    return {(*answer).status, boost::json::parse((*answer).body)};
}

control_answer host_process::post(std::string_view target) const {
    const auto answer = ctl::ask(state_dir() / "control.sock", "POST", target);
    INFO("POST " << std::string(target));
    REQUIRE_MESSAGE(answer.has_value(), (answer.has_error() ? answer.error() : std::string{}));
    return {(*answer).status, boost::json::parse((*answer).body)};
}

boost::json::object host_process::adapter(std::string_view name) const {
    const auto answer = get("/v1/adapters/" + std::string(name));
    REQUIRE(answer.status == 200);
    return answer.body.as_object();
}

}  // namespace gateway::test
