#include "app/arena.h"

#include <string.h>

void arena_init(struct arena *arena, void *block, size_t cap)
{
    *arena = (struct arena){.base = block, .cap = cap};
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    size_t align = _Alignof(max_align_t);
    size_t start = (arena->used + align - 1) / align * align;
    if (start > arena->cap || (size > 0 && count > (arena->cap - start) / size)) {
        arena->failed = true;
        return NULL;
    }
    arena->used = start + count * size;
    memset(arena->base + start, 0, count * size);
    return arena->base + start;
}
