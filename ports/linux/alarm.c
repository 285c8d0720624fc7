/* alarm.c - the loop's next deadline, as a timer that is left alone while deadlines only move away, as they do with
 * each datagram and request. A timeout of epoll_wait() would be set and cleared in every turn, which costs as much
 * as the turn. */
#include "ports/linux/internal.h"

#include <sys/timerfd.h>
#include <unistd.h>

#define WAIT_MAX_MS 60000

static void set(struct port *port, uint64_t in_ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(in_ms / 1000), .tv_nsec = (long)(in_ms % 1000) * 1000000}};
    timerfd_settime(port->alarm.watch.fd, 0, &when, NULL);
}

static void went_off(struct watch *watch, uint32_t events)
{
    struct alarm *alarm = watch->owner;
    uint64_t count;
    ssize_t ignored = read(watch->fd, &count, sizeof count);
    (void)ignored;
    (void)events;
    alarm->at_ms = UINT64_MAX;
}

void alarm_open(struct port *port)
{
    struct alarm *alarm = &port->alarm;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    alarm->watch = (struct watch){.fd = -1, .ready = went_off, .owner = alarm};
    alarm->at_ms = UINT64_MAX;
    if (fd >= 0 && watch_open(port, &alarm->watch, fd, EPOLLIN) != 0)
        close(fd);
}

int alarm_wait_ms(struct port *port, uint64_t deadline)
{
    struct alarm *alarm = &port->alarm;
    if (deadline <= port->now_ms)
        return 0;
    if (alarm->at_ms <= deadline && alarm->at_ms != UINT64_MAX)
        return -1;
    uint64_t now = clock_monotonic_ms(), in_ms = deadline > now ? deadline - now : 0;
    if (in_ms > WAIT_MAX_MS)
        in_ms = WAIT_MAX_MS;
    if (alarm->watch.fd < 0 || in_ms == 0)
        return (int)in_ms;
    alarm->at_ms = now + in_ms;
    set(port, in_ms);
    return -1;
}
