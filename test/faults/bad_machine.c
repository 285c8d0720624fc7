/* bad_machine.c - preloaded into the box: its clocks jump and its card fails when the test says so, by a file that
 * both have mapped (BAD_MACHINE=PATH; lab/machine.py writes it). The box never knows. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct orders {
    volatile int64_t wall_ms;      /* the wall clock is so much ahead */
    volatile int64_t monotonic_ms; /* the same of the monotonic clock, which only grows */
    volatile int64_t error;        /* errno of every write and sync below state/; 0: they work */
    volatile int64_t failed;       /* how many have failed so far */
    volatile int64_t busy;         /* 1: a sync below state/ does not end, and holds up every write there meanwhile */
    volatile int64_t waiting;      /* how many do not get on just now */
};

static struct orders *orders;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("BAD_MACHINE");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        orders = at;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int result = (int)syscall(SYS_clock_gettime, clock, t);
    if (result != 0 || orders == NULL)
        return result;
    int64_t ms = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE     ? orders->wall_ms
                 : clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ? orders->monotonic_ms
                                                                               : 0;
    int64_t ns = t->tv_nsec + ms % 1000 * 1000000;
    t->tv_sec += (time_t)(ms / 1000 + (ns < 0 ? -1 : ns / 1000000000));
    t->tv_nsec = (long)(ns < 0 ? ns + 1000000000 : ns % 1000000000);
    return 0;
}

time_t time(time_t *out)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    if (out != NULL)
        *out = t.tv_sec;
    return t.tv_sec;
}

static int is_state(int fd)
{
    char link[40], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return 0;
    path[len] = '\0';
    return strstr(path, "/state/") != NULL;
}

static int fails(int fd)
{
    if (orders == NULL || orders->error == 0 || !is_state(fd))
        return 0;
    __atomic_add_fetch(&orders->failed, 1, __ATOMIC_RELAXED);
    errno = (int)orders->error;
    return 1;
}

static void wait_while_busy(void)
{
    __atomic_add_fetch(&orders->waiting, 1, __ATOMIC_RELAXED);
    while (orders->busy != 0)
        usleep(2000);
    __atomic_sub_fetch(&orders->waiting, 1, __ATOMIC_RELAXED);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t off)
{
    if (orders != NULL && orders->busy != 0 && orders->waiting > 0 && is_state(fd))
        wait_while_busy();
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, data, len, off);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t off)
{
    return pwrite(fd, data, len, off);
}

int fdatasync(int fd)
{
    if (orders != NULL && orders->busy != 0 && is_state(fd))
        wait_while_busy();
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
