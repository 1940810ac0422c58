#include "module/fork_prober.hpp"

#include "module/loader.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace gateway::module {
namespace {

// A report is one byte, `loaded_mark` or a refusal_code, and a refusal's sentence. One write of no more than PIPE_BUF.
constexpr std::size_t max_report_bytes = 4096;
constexpr char loaded_mark = '\x7f';
static_assert(static_cast<int>(last_refusal_code) < loaded_mark);

// ------------------------------------------------------------------------------------------------- in the child

constexpr int report_fd = STDERR_FILENO + 1;

void send_report(char mark, std::string_view sentence) {
    const auto report = mark + std::string(sentence.substr(0, max_report_bytes - 1));
    // A module that closed the pipe is judged by how it ends.
    (void)!::write(report_fd, report.data(), report.size());
}

void forget_the_host(int report_to) {
    ::setpgid(0, 0);  // so that what the constructors start can be ended with it
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // 1 keeps even a core handler that is a program from being started (core(5)).
    const rlimit no_core{1, 1};
    ::setrlimit(RLIMIT_CORE, &no_core);
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action{};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
            std::signal(number, SIG_DFL);
        }
    }
    ::dup2(report_to, report_fd);
    ::close_range(report_fd + 1, ~0U, 0);
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(nowhere, standard);
    }
    ::close(nowhere);
    // A constructor that calls exit must not run what the host registered for its own end.
    ::on_exit([](int status, void*) { ::_exit(status); }, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// An exception that leaves a constructor ends the child, as it would end the host.
[[noreturn]] void probe_here(const candidate& what, int report_to) noexcept {
    forget_the_host(report_to);
    const auto loaded = load_copy(what.copy, what.source, *what.description);
    if (loaded) {
        send_report(loaded_mark, {});
    } else {
        send_report(static_cast<char>(loaded.error().code), loaded.error().sentence);
    }
    ::_exit(0);
}

// -------------------------------------------------------------------------------------------------- in the host

probe_outcome outcome_of(const siginfo_t& end, std::string_view report, const std::filesystem::path& source) {
    using kind = probe_outcome::kind;
    if (end.si_code != CLD_EXITED) {
        return {kind::crashed, end.si_status};
    }
    if (!report.empty() && report.front() == loaded_mark) {
        return {kind::loaded};
    }
    if (!report.empty() && report.front() <= static_cast<int>(last_refusal_code)) {
        return {kind::refused, 0,
                refusal{source.string(), static_cast<refusal_code>(report.front()), std::string(report.substr(1))}};
    }
    return {kind::exited, end.si_status};
}

}  // namespace

class fork_prober::child : public std::enable_shared_from_this<fork_prober::child> {
public:
    child(boost::asio::io_context& io, std::filesystem::path source, done_function done)
        : source_(std::move(source)), done_(std::move(done)), process_(io), deadline_(io) {}

    // 0 or errno.
    int start(const candidate& what, std::chrono::milliseconds deadline) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
            return errno;
        }
        report_ = owned_fd(ends[0]);
        const owned_fd writing(ends[1]);
        // No handler of the host's may run in the child, not even before it can put them away.
        sigset_t all;
        sigset_t before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        pid_ = ::fork();
        if (pid_ == 0) {
            probe_here(what, writing.get());
        }
        const int fork_error = errno;
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (pid_ < 0) {
            return fork_error;
        }
        // The C library's pidfd_open of 2.36 is declared without C linkage.
        const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        if (process < 0) {
            const int error = errno;
            kill();
            ::waitpid(std::exchange(pid_, -1), nullptr, 0);
            return error;
        }
        process_.assign(process);
        await_end();
        deadline_.expires_after(deadline);
        deadline_.async_wait([self = shared_from_this()](auto error) {
            if (!error) {
                self->hung_ = true;
                self->kill();
            }
        });
        return 0;
    }

    void tell(const probe_outcome& outcome) {
        if (const auto done = std::exchange(done_, nullptr)) {
            done(outcome);
        }
    }

    // It is killed and nobody is told; what is left of it goes with the host.
    void drop() {
        done_ = nullptr;
        kill();
        pid_ = -1;
        boost::system::error_code ignored;
        process_.close(ignored);
        deadline_.cancel();
    }

private:
    // With all that its constructors started. Once its end is taken, the number may be another process's.
    void kill() const {
        if (pid_ > 0) {
            ::kill(-pid_, SIGKILL);
            ::kill(pid_, SIGKILL);  // if it has no group of its own yet
        }
    }

    void await_end() {
        process_.async_wait(boost::asio::posix::descriptor_base::wait_read, [self = shared_from_this()](auto error) {
            if (!error && self->pid_ > 0) {
                self->reap();
            }
        });
    }

    void reap() {
        siginfo_t end{};
        const bool is_known = ::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOHANG | WNOWAIT) == 0;
        if (is_known && end.si_pid == 0) {
            await_end();  // Asio may hand on an event of the descriptor that had this number before
            return;
        }
        kill();  // what it may have left behind; its number is still its own
        ::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOHANG);
        pid_ = -1;
        deadline_.cancel();
        std::array<char, max_report_bytes> report{};
        const auto size = ::read(report_.get(), report.data(), report.size());
        const std::string_view said(report.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        tell(hung_ ? probe_outcome{probe_outcome::kind::hung} : outcome_of(end, said, source_));
    }

    std::filesystem::path source_;
    done_function done_;
    boost::asio::posix::stream_descriptor process_;
    boost::asio::steady_timer deadline_;
    owned_fd report_;
    pid_t pid_ = -1;
    bool hung_ = false;
};

fork_prober::~fork_prober() {
    for (const auto& each : children_) {
        if (const auto left = each.lock()) {
            left->drop();
        }
    }
}

void fork_prober::start(const candidate& what, done_function done) {
    std::erase_if(children_, [](const auto& each) { return each.expired(); });
    const auto fresh = std::make_shared<child>(io_, what.source, std::move(done));
    if (const int error = fresh->start(what, deadline_); error != 0) {
        boost::asio::post(io_, [fresh, error] { fresh->tell({probe_outcome::kind::not_started, error}); });
    }
    children_.push_back(fresh);
}

}  // namespace gateway::module
