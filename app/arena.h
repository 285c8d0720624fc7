/* arena.h - memory for things that live and die together: a block of the caller's, given out from
 * its start to its end. Nothing is given back but all of it.
 */
#ifndef STAGEBOX_APP_ARENA_H
#define STAGEBOX_APP_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    unsigned char *base;
    size_t cap;
    size_t used;
    bool failed; /* something did not fit */
};

/* `block` must be aligned for any type, as malloc() gives it. */
void arena_init(struct arena *arena, void *block, size_t cap);
/* `count` things of `size` bytes, zeroed and aligned for any type; NULL where they do not fit. */
void *arena_take(struct arena *arena, size_t count, size_t size);

#endif
