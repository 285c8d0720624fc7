/* bell.c - wakes a thread that waits with epoll or poll: an eventfd that counts nothing. */
#include "ports/linux/internal.h"

#include <sys/eventfd.h>
#include <unistd.h>

int bell_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void bell_ring(int bell)
{
    uint64_t one = 1;
    ssize_t ignored = write(bell, &one, sizeof one); /* can only fail where it rings already */
    (void)ignored;
}

void bell_hush(int bell)
{
    uint64_t count;
    ssize_t ignored = read(bell, &count, sizeof count);
    (void)ignored;
}
