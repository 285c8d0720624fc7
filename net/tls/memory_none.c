/* memory_none.c - where mbedTLS is the system's library, which takes memory where all others do. */
#include "net/tls/memory.h"

size_t tls_memory_need(size_t connections, size_t pairs, size_t sessions)
{
    (void)connections;
    (void)pairs;
    (void)sessions;
    return 0;
}

bool tls_memory_begin(void *memory, size_t size)
{
    (void)memory;
    (void)size;
    return false;
}

void tls_memory_end(void)
{
}

size_t tls_memory_used(void)
{
    return 0;
}
