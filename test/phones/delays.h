/* delays.h - how long phones waited for the first byte of their files, in real milliseconds. */
#ifndef PHONES_DELAYS_H
#define PHONES_DELAYS_H

#include <stddef.h>
#include <stdint.h>

struct delays {
    uint32_t *ms;
    size_t count, room;
};

void delays_add(struct delays *d, uint64_t ms);
/* The smallest that so many percent (1 to 100) do not exceed; 0 where there is none. Sorts. */
uint32_t delays_percentile(struct delays *d, unsigned percent);
void delays_free(struct delays *d);

#endif
