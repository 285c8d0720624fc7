/* memory.h - the memory that mbedTLS works with: an arena of fixed size, or the C library's until there is one.
 *
 * mbedTLS asks for memory without saying for whom, so there is one arena in a program. Blocks from before
 * tls_memory_begin() go back where they came from. Only the loop's thread may use mbedTLS while there is an arena,
 * but for tls_server_private() of a pair that has an engine (rsa.h).
 * The system's mbedTLS cannot be given one: then none is needed, and tls_memory_begin() is false.
 */
#ifndef STAGEBOX_NET_TLS_MEMORY_H
#define STAGEBOX_NET_TLS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes for so many connections at a time, and for `pairs` pairs with as many `sessions` (of struct tls_options)
 * each; 0 where mbedTLS takes memory where all others do. */
size_t tls_memory_need(size_t connections, size_t pairs, size_t sessions);
/* From now on mbedTLS has these bytes and no others; the caller's until tls_memory_end(). False, and nothing changes,
 * where there is an arena already or it is too small (4 KB at least). */
bool tls_memory_begin(void *memory, size_t size);
/* The C library's again. All connections and pairs made meanwhile must have ended. */
void tls_memory_end(void);
/* Bytes in use now, with what they cost around them; 0 without an arena. */
size_t tls_memory_used(void);

#endif
