/* memory.c - the heap for malloc(), and what was used of memory. */
#include "boards/orange-pi-pc/machine.h"

#include <errno.h>

#define PAINT 0x5ac5ac5au /* start.S */

extern char __heap_start[], __heap_end[];
extern const uint32_t __stack_bottom[], __stack_top[];

void *_sbrk(ptrdiff_t more);
static char *heap_end = __heap_start;

void *_sbrk(ptrdiff_t more)
{
    if (more > __heap_end - heap_end) {
        errno = ENOMEM;
        return (void *)-1;
    }
    char *block = heap_end;
    heap_end += more;
    return block;
}

size_t memory_heap_used(void)
{
    return (size_t)(heap_end - __heap_start);
}

size_t memory_stack_used(void)
{
    const uint32_t *at = __stack_bottom;
    while (at < __stack_top && *at == PAINT)
        at++;
    return (size_t)(__stack_top - at) * sizeof *at;
}
