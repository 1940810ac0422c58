// What the process says when it crashes: one line on standard error that names the call into a module that was running,
// so that an operator knows which module to take away. Then the crash takes its course: core file, sanitizer's report,
// end by the signal.
#pragma once

namespace gateway::loop {

enum class last_words_format : bool { text, json };

// From now on, for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT. Once, before other threads start.
void leave_last_words(last_words_format format);

// Room for the handler on the calling thread, so that even a stack that overflowed can be told of. Lives as long as
// this.
class last_words_stack {
public:
    last_words_stack();
    ~last_words_stack();
    last_words_stack(const last_words_stack&) = delete;
    last_words_stack& operator=(const last_words_stack&) = delete;

private:
    char* memory_;
};

// The calling thread is inside a module, as long as this lives. The texts outlive it; they hold no secret, nor anything
// that JSON would escape.
class last_words_call {
public:
    last_words_call(const char* module, const char* instance, const char* function);
    ~last_words_call();
    last_words_call(const last_words_call&) = delete;
    last_words_call& operator=(const last_words_call&) = delete;
};

}  // namespace gateway::loop
