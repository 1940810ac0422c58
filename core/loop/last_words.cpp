#include "loop/last_words.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace gateway::loop {
namespace {

struct fatal_signal {
    int number;
    std::string_view name;
};
constexpr std::array<fatal_signal, 5> fatal{
    {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"}, {SIGFPE, "SIGFPE"}, {SIGABRT, "SIGABRT"}}};

constexpr std::size_t stack_bytes = 32 * 1024;

// What a handler may read: set before any signal can come, or by the very thread it interrupts.
std::array<struct sigaction, fatal.size()> before;
last_words_format chosen = last_words_format::text;
constinit thread_local const char* module_of_call = nullptr;
constinit thread_local const char* instance_of_call = nullptr;
constinit thread_local const char* function_of_call = nullptr;

// A line put together without allocating; what does not fit is left out.
class line {
public:
    line& operator<<(std::string_view text) {
        const std::size_t fits = text.size() < text_.size() - size_ ? text.size() : text_.size() - size_;
        std::memcpy(text_.data() + size_, text.data(), fits);
        size_ += fits;
        return *this;
    }
    void write() const {
        const auto written = ::write(STDERR_FILENO, text_.data(), size_);
        static_cast<void>(written);  // there is nobody left to tell
    }

private:
    std::array<char, 512> text_;
    std::size_t size_ = 0;
};

void speak(std::string_view signal) {
    line said;
    const bool in_module = module_of_call != nullptr;
    if (chosen == last_words_format::json) {
        said << R"({"level":"fatal","message":"the host crashes","signal":")" << signal;
        if (in_module) {
            said << R"(","module":")" << module_of_call << R"(","instance":")" << instance_of_call << R"(","call":")"
                 << function_of_call;
        }
        said << "\"}\n";
    } else {
        said << "fatal the host crashes signal=" << signal;
        if (in_module) {
            said << " module=" << module_of_call << " instance=" << instance_of_call << " call=" << function_of_call;
        } else {
            said << " (in no call into a module: a bug of the host, or of a module's own thread)";
        }
        said << "\n";
    }
    said.write();
}

// Speaks and gives the signal back to whoever had it. A fault then happens again; abort() ends by itself.
extern "C" void on_fatal_signal(int number) {
    for (std::size_t i = 0; i < fatal.size(); ++i) {
        if (fatal[i].number == number) {
            speak(fatal[i].name);
            ::sigaction(number, &before[i], nullptr);
        }
    }
}

}  // namespace

void leave_last_words(last_words_format format) {
    chosen = format;
    for (std::size_t i = 0; i < fatal.size(); ++i) {
        struct sigaction action{};
        action.sa_handler = &on_fatal_signal;
        action.sa_flags = SA_ONSTACK | SA_NODEFER;
        ::sigaction(fatal[i].number, &action, &before[i]);
    }
}

last_words_stack::last_words_stack() : memory_(new char[stack_bytes]) {
    stack_t stack{};
    stack.ss_sp = memory_;
    stack.ss_size = stack_bytes;
    ::sigaltstack(&stack, nullptr);
}

last_words_stack::~last_words_stack() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    delete[] memory_;
}

last_words_call::last_words_call(const char* module, const char* instance, const char* function) {
    instance_of_call = instance;
    function_of_call = function;
    std::atomic_signal_fence(std::memory_order_release);  // whoever sees a module sees the rest
    module_of_call = module;
}

last_words_call::~last_words_call() {
    module_of_call = nullptr;
}

}  // namespace gateway::loop
