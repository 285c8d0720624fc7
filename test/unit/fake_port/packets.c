/* packets.c - queues of datagrams and frames. */
#include "test/unit/fake_port/internal.h"

#include <stdlib.h>
#include <string.h>

struct fake_packet *fake_packet_new(const void *head, size_t head_len, const void *body, size_t body_len)
{
    struct fake_packet *packet = fake_alloc(sizeof *packet);
    uint8_t *data = malloc(head_len + body_len); /* of exactly that size, for ASan */
    fake_check(data != NULL || head_len + body_len == 0, "out of memory");
    if (head_len > 0)
        memcpy(data, head, head_len);
    if (body_len > 0)
        memcpy(data + head_len, body, body_len);
    packet->datagram.data = data;
    packet->datagram.len = head_len + body_len;
    return packet;
}

void fake_queue_put(struct fake_queue *queue, struct fake_packet *packet)
{
    packet->next = NULL;
    if (queue->last != NULL)
        queue->last->next = packet;
    else
        queue->first = packet;
    queue->last = packet;
    queue->count++;
}

struct fake_packet *fake_queue_get(struct fake_queue *queue)
{
    struct fake_packet *packet = queue->first;
    if (packet == NULL)
        return NULL;
    queue->first = packet->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->count--;
    return packet;
}

static void packet_free(struct fake_packet *packet)
{
    free((void *)(uintptr_t)packet->datagram.data);
    free(packet);
}

void fake_queue_clear(struct fake_queue *queue)
{
    while (queue->first != NULL)
        packet_free(fake_queue_get(queue));
}

void fake_keep(struct fake_queue *kept, struct fake_packet *packet)
{
    fake_queue_put(kept, packet);
    if (kept->count > FAKE_KEPT)
        packet_free(fake_queue_get(kept));
}
