/* A disk that hangs, for programs that this is preloaded into: while there is a FIFO where GATEWAY_DISK_GATE says,
 * syncs wait until somebody opens it for writing. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((visibility("default"))) int fsync(int file);
__attribute__((visibility("default"))) int fdatasync(int file);

static void pass_gate(void) {
    const char* gate = getenv("GATEWAY_DISK_GATE");
    const int passed = gate == NULL ? -1 : open(gate, O_RDONLY | O_CLOEXEC);
    if (passed >= 0) {
        (void)close(passed);
    }
}

int fsync(int file) {
    pass_gate();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    pass_gate();
    return (int)syscall(SYS_fdatasync, file);
}
