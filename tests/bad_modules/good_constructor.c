/* A sound module that leaves a trace when any of its code runs: into the file that GATEWAY_TRACE_FILE names it writes
 * what a constructor can see of the process around it. */
#include "minimal_adapter.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

GW_MANIFEST("{\"name\": \"constructor\", \"version\": \"1.0.0\", \"abi\": {\"major\": 1, \"minor\": 0}}");

const gw_adapter gateway_adapter_v1 = {MINIMAL_HEAD, .manifest = GW_MANIFEST_TEXT, MINIMAL_FUNCTIONS};

static int count_descriptors(void) {
    int count = 0;
    for (int fd = STDERR_FILENO + 1; fd < 1024; ++fd) {
        count += fcntl(fd, F_GETFD) != -1;
    }
    return count;
}

static const char* handling_of(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) {
        return "unknown";
    }
    return action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handled";
}

__attribute__((constructor)) static void leave_a_trace(void) {
    const char* path = getenv("GATEWAY_TRACE_FILE");
    const int descriptors = count_descriptors();
    FILE* trace = path != NULL ? fopen(path, "a") : NULL;
    if (trace != NULL) {
        sigset_t blocked;
        (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
        (void)fprintf(trace, "descriptors=%d SIGTERM=%s SIGPIPE=%s blocked=%d leads_group=%d\n", descriptors,
                      handling_of(SIGTERM), handling_of(SIGPIPE), sigismember(&blocked, SIGTERM),
                      getpgrp() == getpid());
        (void)fclose(trace);
    }
}
