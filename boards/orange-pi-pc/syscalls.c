/* syscalls.c - what newlib asks of a system: output goes to the console, there are no files. */
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#include "boards/orange-pi-pc/machine.h"
#include "boards/orange-pi-pc/uart.h"

int _write(int fd, const char *data, int len);
int _read(int fd, char *buf, int len);
int _close(int fd);
int _lseek(int fd, int off, int whence);
int _fstat(int fd, struct stat *out);
int _isatty(int fd);
int _kill(int pid, int number);
int _getpid(void);
_Noreturn void _exit(int status);
void fatal_exception(unsigned kind, unsigned address, unsigned status, unsigned fault);

int _write(int fd, const char *data, int len)
{
    (void)fd;
    uart_write(data, (size_t)len);
    return len;
}

int _read(int fd, char *buf, int len)
{
    (void)fd;
    (void)buf;
    (void)len;
    return 0;
}

int _close(int fd)
{
    (void)fd;
    return -1;
}

int _lseek(int fd, int off, int whence)
{
    (void)fd;
    (void)off;
    (void)whence;
    return 0;
}

int _fstat(int fd, struct stat *out)
{
    (void)fd;
    out->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int fd)
{
    (void)fd;
    return 1;
}

int _kill(int pid, int number)
{
    (void)pid;
    (void)number;
    errno = EINVAL;
    return -1;
}

int _getpid(void)
{
    return 1;
}

/* abort() comes here, too: what cannot go on begins anew, with the journal. */
_Noreturn void _exit(int status)
{
    uart_say("the program has ended with %d: the board restarts\n", status);
    watchdog_reset();
}

void fatal_exception(unsigned kind, unsigned address, unsigned status, unsigned fault)
{
    static const char *const kinds[] = {"", "undefined instruction", "supervisor call", "prefetch abort", "data abort"};
    uart_say("%s at %08x, DFSR %08x, DFAR %08x: the board restarts\n", kinds[kind], address, status, fault);
    watchdog_reset();
}
