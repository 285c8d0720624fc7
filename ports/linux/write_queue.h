/* write_queue.h - writes that a thread of its own does, in the order in which they were put: for a card that may hold
 * up whoever writes to it. One thread puts; any may wait. */
#ifndef STAGEBOX_PORTS_LINUX_WRITE_QUEUE_H
#define STAGEBOX_PORTS_LINUX_WRITE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WRITE_QUEUE_MAX (512u << 10) /* bytes that wait at most; who puts more waits */

struct write_queue;

/* `told` is called by the thread after each write. NULL where there is no memory, or no thread. */
struct write_queue *write_queue_open(void (*told)(void *ctx), void *ctx);
/* Waits for all. NULL is allowed. */
void write_queue_close(struct write_queue *queue);
/* Has a copy of the bytes written to `fd` at `off`, which stay open until it is done; *failed becomes the errno of a
 * write that fails. Waits up to `wait_ms` for it, unless others are before it: true where it is done. */
bool write_queue_put(struct write_queue *queue, int fd, uint64_t off, const void *data, size_t len, atomic_int *failed,
                     int wait_ms);
/* Everything that was put is done. */
bool write_queue_done(const struct write_queue *queue);
/* Waits for everything that was put before. */
void write_queue_drain(struct write_queue *queue);
/* The write itself, all of it, by whoever calls: 0 or an errno. */
int write_all(int fd, uint64_t off, const void *data, size_t len);

#endif
