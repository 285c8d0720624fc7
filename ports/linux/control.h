/* control.h - the next piece of ancillary data, cmsg(3).
 *
 * C libraries do not agree on the types of struct msghdr's sizes, and musl's CMSG_NXTHDR mixes signs. */
#ifndef STAGEBOX_PORTS_LINUX_CONTROL_H
#define STAGEBOX_PORTS_LINUX_CONTROL_H

#include <stddef.h>
#include <sys/socket.h>

/* The one behind `at`; the first where that is NULL; NULL at the end. */
static inline struct cmsghdr *control_next(struct msghdr *message, struct cmsghdr *at)
{
    if (at == NULL)
        return CMSG_FIRSTHDR(message);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
    return CMSG_NXTHDR(message, at);
#pragma GCC diagnostic pop
}

#endif
