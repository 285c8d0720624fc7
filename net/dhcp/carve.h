/* carve.h - pieces of one block of the caller's memory, each aligned for any type. */
#ifndef STAGEBOX_NET_DHCP_CARVE_H
#define STAGEBOX_NET_DHCP_CARVE_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t carve_size(size_t size)
{
    size_t unit = alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

/* The next piece; *at moves behind it. */
static inline void *carve(uint8_t **at, size_t size)
{
    void *piece = *at;
    *at += carve_size(size);
    return piece;
}

#endif
