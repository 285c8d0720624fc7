/* memory.c - lwIP's memory: pools of blocks of five sizes, made at start. A request gets a block of the smallest
 * size that holds it, and none where that pool is empty, so that no use of it starves another; PCB's are for TCP's
 * control blocks alone. */
#include "ports/lwip/internal.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/tcp.h"

#define ALIGNMENT MEM_ALIGNMENT
#define POOLS 5

union block {
    union block *next; /* free */
    uint8_t pool;      /* in use: which one it belongs to */
    uint8_t head[ALIGNMENT];
};
/* A piece of memory that blocks were cut from. */
struct chunk {
    struct chunk *next;
};
struct pool {
    size_t size; /* of a block, without its head */
    size_t left;
    union block *free;
};

static struct {
    struct pool pools[POOLS];
    struct chunk *chunks;
    uint64_t failures;
} memory;

enum { TINY, SMALL, PCB, MIDDLE, LARGE };
static const size_t sizes[POOLS] = {
    [TINY] = 48,   /* a pbuf that refers to data, a segment's record */
    [SMALL] = 128, /* a segment's headers; UDP endpoints */
    [PCB] = (sizeof(struct tcp_pcb) + 15) / 16 * 16,
    [MIDDLE] = 640,
    [LARGE] = 1552, /* a full packet and its pbuf */
};

static bool add(unsigned pool, size_t count)
{
    size_t each = sizeof(union block) + sizes[pool];
    struct chunk *chunk = malloc(ALIGNMENT + count * each);
    if (chunk == NULL)
        return false;
    chunk->next = memory.chunks;
    memory.chunks = chunk;
    for (size_t i = 0; i < count; i++) {
        union block *block = (union block *)(void *)((uint8_t *)chunk + ALIGNMENT + i * each);
        block->next = memory.pools[pool].free;
        memory.pools[pool].free = block;
    }
    memory.pools[pool].left += count;
    return true;
}

bool memory_start(void)
{
    for (unsigned i = 0; i < POOLS; i++)
        memory.pools[i] = (struct pool){.size = sizes[i]};
    memory.failures = 0;
    return add(TINY, 64) && add(SMALL, UDP_ENDPOINTS + 64) && add(MIDDLE, 16) && add(LARGE, 12);
}

/* One that sends has its window of 16 segments full of references to a file: two TINY ones and a SMALL one each. One that
 * writes has copies under way (tcp.c bounds them): a LARGE one each. A third of the connections do either at the same time, for
 * no more than that are served; the others wait or close. */
bool memory_add_connections(size_t connections)
{
    return add(TINY, connections * 12) && add(SMALL, connections * 6) &&
           add(PCB, connections + connections / 4 + 16) && add(MIDDLE, connections / 2) &&
           add(LARGE, connections);
}

void memory_stop(void)
{
    while (memory.chunks != NULL) {
        struct chunk *chunk = memory.chunks;
        memory.chunks = chunk->next;
        free(chunk);
    }
    memset(memory.pools, 0, sizeof memory.pools);
}

uint64_t memory_failures(void)
{
    uint64_t failures = memory.failures;
    memory.failures = 0;
    return failures;
}

/* POOLS: none has such large ones. */
static uint8_t pool_for(size_t size)
{
    uint8_t pool = 0;
    while (pool < POOLS && memory.pools[pool].size < size)
        pool++;
    return pool == PCB && size != LWIP_MEM_ALIGN_SIZE(sizeof(struct tcp_pcb)) ? MIDDLE : pool;
}

size_t memory_control_blocks_left(void)
{
    return memory.pools[PCB].left;
}

void *memory_take(size_t size)
{
    uint8_t pool = pool_for(size);
    union block *block = pool < POOLS ? memory.pools[pool].free : NULL;
    if (block == NULL) {
        memory.failures++;
        return NULL;
    }
    memory.pools[pool].free = block->next;
    memory.pools[pool].left--;
    block->pool = pool;
    return block + 1;
}

void *memory_take_zero(size_t count, size_t size)
{
    void *block = count == 0 || size <= SIZE_MAX / count ? memory_take(count * size) : NULL;
    if (block != NULL)
        memset(block, 0, count * size);
    return block;
}

void memory_give(void *given)
{
    union block *block = (union block *)given - 1;
    struct pool *pool = &memory.pools[block->pool];
    block->next = pool->free;
    pool->free = block;
    pool->left++;
}
