/* kill_at_write.c - preloaded into the box: it dies by SIGKILL at a write to its journal.
 *
 * KILL_AT=N        at the Nth write to a file in a folder called state
 * KILL_HOW=before  nothing of it is written
 *          after   all of it is written
 *          torn    only its first half is, to a byte
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t write_fn(int, const void *, size_t, off_t);

ssize_t pwrite(int fd, const void *data, size_t len, off_t off);
ssize_t pwrite64(int fd, const void *data, size_t len, off_t off);

static int is_journal(int fd)
{
    char link[40], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return 0;
    path[len] = '\0';
    return strstr(path, "/state/") != NULL;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static ssize_t write_or_die(const char *name, int fd, const void *data, size_t len, off_t off)
{
    static int count; /* only the loop's thread writes */
    const char *at = getenv("KILL_AT"), *how = getenv("KILL_HOW");
    write_fn *real;
    *(void **)&real = dlsym(RTLD_NEXT, name);
    if (at == NULL || how == NULL || !is_journal(fd) || ++count != atoi(at))
        return real(fd, data, len, off);
    if (strcmp(how, "after") == 0)
        real(fd, data, len, off);
    else if (strcmp(how, "torn") == 0)
        real(fd, data, len / 2, off);
    die();
    return -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t off)
{
    return write_or_die("pwrite", fd, data, len, off);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t off)
{
    return write_or_die("pwrite64", fd, data, len, off);
}
