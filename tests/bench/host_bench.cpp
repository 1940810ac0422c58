// The real gateway-host from the outside: memory with idle instances, time to the first poll, ten thousand bots.
//
// Each measurement starts the program with a configuration of its own below the system's temporary directory. Memory is
// the kernel's account, /proc/PID/smaps_rollup, once every instance is online; times are this machine's steady clock,
// read before the fork and when the server (on another thread of this process) has the request.
#include "support/telegram_h2.hpp"
#include "support/telegram_server.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/executor_work_guard.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace gateway::test;
using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int many_bots = 10'000;
constexpr auto settling = 2s;      // from the last instance online to the account of the memory
constexpr auto idle_window = 10s;  // over which idle CPU time is counted
constexpr int start_runs = 31;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "bench_host: %s\n", what.c_str());
    std::exit(1);
}

// The host with a configuration; stopped with the object.
class host {
public:
    explicit host(const std::string& configuration) {
        auto pattern = (std::filesystem::temp_directory_path() / "gateway-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            fail("no temporary directory can be made");
        }
        directory_ = pattern;
        std::ofstream(directory_ / "gateway.toml") << configuration;
        ::chmod((directory_ / "gateway.toml").c_str(), 0600);
    }
    ~host() {
        stop();
        std::filesystem::remove_all(directory_);
    }
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    // Says when it was forked.
    clock_type::time_point start() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            fail("no pipe can be made");
        }
        const std::string config = directory_ / "gateway.toml";
        const std::string state = directory_ / "state";
        std::array<const char*, 8> words{GATEWAY_HOST_BINARY, "--plugins-dir", GATEWAY_PLUGINS_DIR, "--config",
                                         config.c_str(),      "--state-dir",   state.c_str(),       nullptr};
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
        const auto started = clock_type::now();
        if (::posix_spawn(&pid_, words[0], &actions, nullptr, const_cast<char**>(words.data()), environ) != 0) {
            fail("the host cannot be started");
        }
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        log_ = ::fdopen(ends[0], "r");
        return started;
    }

    // Reads the log until `count` instances are online.
    void wait_until_online(int count) {
        std::array<char, 4096> line{};
        for (int online = 0; online < count;) {
            if (std::fgets(line.data(), line.size(), log_) == nullptr) {
                fail("the host ended before its instances were online");
            }
            const std::string_view text(line.data());
            online += text.find(" info online ") != std::string_view::npos ? 1 : 0;
            if (text.find(" error ") != std::string_view::npos) {
                fail(std::string(text));
            }
        }
    }

    // Leaves it alone for so long, during which it must not end.
    void watch(std::chrono::milliseconds span) const {
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        pollfd ended{process, POLLIN, 0};
        if (process < 0 || ::poll(&ended, 1, static_cast<int>(span.count())) != 0) {
            fail("the host ended while it was measured");
        }
        ::close(process);
    }

    // The fields of smaps_rollup, in KiB.
    [[nodiscard]] std::map<std::string, double> memory() const {
        std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
        std::map<std::string, double> fields;
        std::string line;
        while (std::getline(file, line)) {
            std::istringstream words(line);
            std::string name;
            double kib = 0;
            if (words >> name >> kib && name.ends_with(':')) {
                fields[name.substr(0, name.size() - 1)] = kib;
            }
        }
        return fields;
    }

    [[nodiscard]] double cpu_ms() const {
        std::ifstream file("/proc/" + std::to_string(pid_) + "/schedstat");
        double loop_ns = 0;
        double all_ns = 0;
        for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
            std::ifstream stat(thread.path() / "schedstat");
            stat >> loop_ns;
            all_ns += loop_ns;
        }
        return all_ns / 1e6;
    }

    void stop() {
        if (pid_ > 0) {
            ::kill(pid_, SIGTERM);
            std::array<char, 4096> rest{};
            while (std::fgets(rest.data(), rest.size(), log_) != nullptr) {
            }
            ::waitpid(std::exchange(pid_, -1), nullptr, 0);
            std::fclose(log_);
        }
    }

private:
    std::filesystem::path directory_;
    pid_t pid_ = -1;
    std::FILE* log_ = nullptr;
};

std::string stubs(std::int64_t count) {
    std::string toml;
    for (std::int64_t i = 0; i < count; ++i) {
        toml += "[adapters.s" + std::to_string(i) + "]\nplugin = \"stub\"\n";
    }
    return toml;
}

std::string bot_token(int number) {
    return std::to_string(100'000'000 + number) + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
}

std::string bot_table(int number, const std::string& api_root, const char* http) {
    return "[adapters.b" + std::to_string(number) + "]\nplugin = \"telegram\"\ntoken = \"" + bot_token(number) +
           "\"\napi_root = \"" + api_root + "\"\nhttp = \"" + http + "\"\n";
}

void count_memory(benchmark::State& state, const host& of) {
    const auto memory = of.memory();
    state.counters["rss_KiB"] = memory.at("Rss");
    state.counters["pss_KiB"] = memory.at("Pss");
    state.counters["anonymous_KiB"] = memory.at("Anonymous");
    state.counters["private_dirty_KiB"] = memory.at("Private_Dirty");
    state.counters["private_clean_KiB"] = memory.at("Private_Clean");
}

double idle_cpu_ms_per_s(const host& of) {
    const auto before = of.cpu_ms();
    of.watch(idle_window);
    return (of.cpu_ms() - before) / std::chrono::duration<double>(idle_window).count();
}

void host_memory_of_stubs(benchmark::State& state) {
    const auto count = state.range(0);
    for (auto _ : state) {
        host one(stubs(1));
        one.start();
        one.wait_until_online(1);
        one.watch(settling);
        const auto base = one.memory();
        host many(stubs(count));
        many.start();
        many.wait_until_online(static_cast<int>(count));
        many.watch(settling);
        count_memory(state, many);
        if (count > 1) {
            state.counters["KiB_per_further_instance"] =
                (many.memory().at("Rss") - base.at("Rss")) / static_cast<double>(count - 1);
        }
        state.counters["idle_cpu_ms_per_s"] = idle_cpu_ms_per_s(many);
    }
}
BENCHMARK(host_memory_of_stubs)->Arg(1)->Arg(1'001)->Arg(10'001)->Iterations(1)->Unit(benchmark::kSecond);

// From the fork to the first getUpdates in the server's hands: loading, configuration, journal, getMe and all.
void host_start_to_first_poll(benchmark::State& state, bool tls) {
    const auto ca_file = std::filesystem::temp_directory_path() / ("bench_host." + std::to_string(::getpid()) + ".pem");
    telegram_test_server server({.tls = tls, .ca_file = tls ? ca_file.string() : std::string()});
    int bot = 0;
    for (auto _ : state) {
        ++bot;
        server.add_bot(bot_token(bot), "bench_bot");
        host starting(bot_table(bot, server.url(), "auto") +
                      (tls ? "[net]\nca_file = \"" + ca_file.string() + "\"\n" : ""));
        const auto started = starting.start();
        clock_type::time_point polled;
        const bool seen = server.wait_until(
            [&](telegram_api& api) {
                const auto& requests = api.requests();
                if (requests.empty() || requests.back().token != bot_token(bot) ||
                    requests.back().method != "getUpdates") {
                    return false;
                }
                polled = clock_type::now();
                return true;
            },
            10s);
        if (!seen) {
            fail("no getUpdates came");
        }
        state.SetIterationTime(std::chrono::duration<double>(polled - started).count());
    }
    std::filesystem::remove(ca_file);
}
BENCHMARK_CAPTURE(host_start_to_first_poll, plain, false)
    ->UseManualTime()
    ->Iterations(1)
    ->Repetitions(start_runs)
    ->ReportAggregatesOnly()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(host_start_to_first_poll, tls, true)
    ->UseManualTime()
    ->Iterations(1)
    ->Repetitions(start_runs)
    ->ReportAggregatesOnly()
    ->Unit(benchmark::kMillisecond);

void host_with_ten_thousand_bots(benchmark::State& state) {
    boost::asio::io_context io(1);
    const auto stays = boost::asio::make_work_guard(io);
    asio_telegram_clock clock(io);
    telegram_api api(clock, {.max_log = 1'000});
    std::string toml;
    telegram_h2_server server(io, api);
    for (int i = 0; i < many_bots; ++i) {
        api.add_bot(bot_token(i), "bench_bot");
        toml += bot_table(i, server.url(), "2-prior-knowledge");
    }
    std::thread serving([&io] { io.run(); });
    for (auto _ : state) {
        host all(toml);
        const auto started = clock_type::now();
        all.start();
        all.wait_until_online(many_bots);
        state.counters["all_online_s"] = std::chrono::duration<double>(clock_type::now() - started).count();
        all.watch(settling);
        count_memory(state, all);
        state.counters["connections"] = static_cast<double>(server.connection_count());
        state.counters["idle_cpu_ms_per_s"] = idle_cpu_ms_per_s(all);
    }
    io.stop();
    serving.join();
}
BENCHMARK(host_with_ten_thousand_bots)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace

BENCHMARK_MAIN();
