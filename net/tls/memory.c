#include "net/tls/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls/platform.h"
#include "net/tls/sessions.h"

/* Blocks lie side by side; each begins with its own size and that of the one before it. Free ones are in a list for
 * their power of two, so that a block is found without walking through all. */
#define UNIT 16u
#define CLASSES 40u
#define TRIES 8u /* blocks of the same class that are looked at before a larger class */
#define PER_CONNECTION (52u * 1024) /* records in and out, what waits for the wire, a handshake under way */
#define PER_PAIR (12u * 1024) /* a chain, a client CA, a key */
#define SPARE (24u * 1024) /* what an exponentiation works on, pieces between blocks */

struct block {
    size_t size;   /* bytes, this head included; bit 0: in use */
    size_t before; /* size of the block before it; 0: it is the first */
    struct block *next, *prev; /* of its list, while it is free */
};
#define HEAD (2 * sizeof(size_t))
#define SMALLEST ((sizeof(struct block) + UNIT - 1) / UNIT * UNIT)

struct arena {
    uint8_t *begin, *end;
    size_t used;
    struct block *free[CLASSES];
};

/* mbedTLS's hooks have no context. */
static struct arena arena;

static size_t size_of(const struct block *b)
{
    return b->size & ~(size_t)1;
}

static unsigned class_of(size_t size)
{
    unsigned class = 0;
    while (size > 1 && class < CLASSES - 1) {
        size >>= 1;
        class++;
    }
    return class;
}

static struct block *after(const struct block *b)
{
    uint8_t *next = (uint8_t *)(uintptr_t)b + size_of(b);
    return next < arena.end ? (struct block *)(void *)next : NULL;
}

static void list(struct block *b)
{
    struct block **head = &arena.free[class_of(b->size)];
    b->prev = NULL;
    b->next = *head;
    if (*head)
        (*head)->prev = b;
    *head = b;
}

static void unlist(struct block *b)
{
    if (b->prev)
        b->prev->next = b->next;
    else
        arena.free[class_of(b->size)] = b->next;
    if (b->next)
        b->next->prev = b->prev;
}

static struct block *find(size_t size)
{
    unsigned class = class_of(size), tries = 0;
    for (struct block *b = arena.free[class]; b && tries < TRIES; b = b->next, tries++)
        if (b->size >= size)
            return b;
    while (++class < CLASSES)
        if (arena.free[class])
            return arena.free[class];
    return NULL;
}

/* Cuts what is too much off the end of a block that is in no list. */
static void cut(struct block *b, size_t size)
{
    if (b->size - size < SMALLEST)
        return;
    struct block *rest = (struct block *)(void *)((uint8_t *)b + size);
    rest->size = b->size - size;
    rest->before = size;
    b->size = size;
    struct block *next = after(rest);
    if (next)
        next->before = rest->size;
    list(rest);
}

static void *take(size_t count, size_t each)
{
    if (each != 0 && count > (SIZE_MAX - HEAD - UNIT) / each)
        return NULL;
    size_t size = (count * each + HEAD + UNIT - 1) / UNIT * UNIT;
    size = size < SMALLEST ? SMALLEST : size;
    struct block *b = find(size);
    if (!b)
        return NULL;
    unlist(b);
    cut(b, size);
    arena.used += b->size;
    b->size |= 1;
    return memset((uint8_t *)b + HEAD, 0, size_of(b) - HEAD);
}

static struct block *merge(struct block *b, struct block *next)
{
    b->size += next->size;
    struct block *third = after(b);
    if (third)
        third->before = b->size;
    return b;
}

static void give(void *memory)
{
    uint8_t *p = memory;
    if (p < arena.begin || p >= arena.end) {
        free(memory); /* from before there was an arena */
        return;
    }
    struct block *b = (struct block *)(void *)(p - HEAD);
    b->size = size_of(b);
    arena.used -= b->size;
    struct block *next = after(b);
    if (next && !(next->size & 1)) {
        unlist(next);
        merge(b, next);
    }
    struct block *before = b->before ? (struct block *)(void *)((uint8_t *)b - b->before) : NULL;
    if (before && !(before->size & 1)) {
        unlist(before);
        b = merge(before, b);
    }
    list(b);
}

size_t tls_memory_need(size_t connections, size_t pairs, size_t sessions)
{
    size_t kept = tls_sessions_count(sessions) * sizeof(struct tls_session);
    return connections * PER_CONNECTION + pairs * (PER_PAIR + kept) + SPARE;
}

bool tls_memory_begin(void *memory, size_t size)
{
    uintptr_t begin = ((uintptr_t)memory + UNIT - 1) / UNIT * UNIT;
    uintptr_t end = ((uintptr_t)memory + size) / UNIT * UNIT;
    if (arena.begin || size < 4096)
        return false;
    arena = (struct arena){.begin = (uint8_t *)begin, .end = (uint8_t *)end};
    struct block *all = (struct block *)(void *)arena.begin;
    all->size = end - begin;
    all->before = 0;
    list(all);
    mbedtls_platform_set_calloc_free(take, give);
    return true;
}

void tls_memory_end(void)
{
    mbedtls_platform_set_calloc_free(calloc, free);
    arena = (struct arena){0};
}

size_t tls_memory_used(void)
{
    return arena.used;
}
