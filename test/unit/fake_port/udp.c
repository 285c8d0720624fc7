/* udp.c - fake UDP endpoints. */
#include "test/unit/fake_port/internal.h"

#include <stdlib.h>

static struct port_udp *find(const struct port *port, uint16_t number, bool overhears)
{
    for (struct port_udp *udp = port->udps; udp != NULL; udp = udp->next)
        if (!udp->closed && udp->number == number && udp->overhears == overhears)
            return udp;
    return NULL;
}

static int make(struct port *port, uint16_t number, bool overhears, port_udp_fn *fn, void *ctx,
                struct port_udp **out)
{
    struct port_udp *udp = fake_alloc(sizeof *udp);
    *udp = (struct port_udp){port->udps, port, number, overhears, false, fn, ctx, {0}};
    port->udps = udp;
    *out = udp;
    return 0;
}

int port_udp_open(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = fake_planned(port, FAKE_UDP_OPEN);
    if (error != 0)
        return error;
    while (number == 0 && find(port, port->ephemeral, false) != NULL)
        port->ephemeral++;
    if (number == 0)
        number = port->ephemeral++;
    if (find(port, number, false) != NULL)
        return fake_error(port, PORT_E_BUSY, "that UDP port is held by this program");
    return make(port, number, false, fn, ctx, out);
}

int port_udp_open_many(struct port *port, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    return port_udp_open(port, 0, fn, ctx, out);
}

int port_udp_overhear(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = fake_planned(port, FAKE_OVERHEAR);
    return error != 0 ? error : make(port, number, true, fn, ctx, out);
}

uint16_t port_udp_number(const struct port_udp *udp)
{
    fake_check(!udp->closed, "port_udp_number() of a closed endpoint");
    return udp->number;
}

static void send_one(struct port_udp *udp, const struct port_udp_out *out)
{
    struct port *port = udp->port;
    fake_check(out->head_len + out->body_len <= 65507, "a datagram that no UDP can carry");
    if (port->udp_lose > 0) {
        port->udp_lose--;
        return;
    }
    struct fake_packet *packet = fake_packet_new(out->head, out->head_len, out->body, out->body_len);
    packet->datagram.src_port = udp->number;
    packet->datagram.dst = out->dst;
    packet->datagram.dst_port = out->dst_port;
    packet->datagram.to_mac = out->dst_mac != NULL;
    if (out->dst_mac != NULL)
        packet->datagram.mac = *out->dst_mac;
    packet->datagram.seq = ++port->seq;
    fake_queue_put(&port->udp_out, packet);
}

void port_udp_send(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    fake_check(!udp->closed, "port_udp_send() on a closed endpoint");
    fake_check(!udp->overhears, "port_udp_send() on an endpoint that only overhears");
    for (size_t i = 0; i < n; i++) {
        fake_check(out[i].udp == NULL || !out[i].udp->closed, "port_udp_send() from a closed endpoint");
        send_one(out[i].udp != NULL ? out[i].udp : udp, &out[i]);
    }
}

void port_udp_close(struct port_udp *udp)
{
    fake_check(!udp->closed, "port_udp_close() twice");
    udp->closed = true;
}

static bool queue_in(struct port_udp *udp, const struct fake_datagram *in, const void *data, size_t len)
{
    if (udp == NULL)
        return false;
    struct fake_packet *packet = fake_packet_new(data, len, NULL, 0);
    packet->datagram.src = in->src;
    packet->datagram.dst = in->dst;
    packet->datagram.src_port = in->src_port;
    packet->datagram.to_mac = in->to_mac;
    packet->datagram.mac = in->mac;
    fake_queue_put(&udp->in, packet);
    return true;
}

bool fake_udp_in(struct port *port, const struct fake_datagram *in, const void *data, size_t len)
{
    bool heard = queue_in(find(port, in->dst_port, true), in, data, len);
    bool taken = queue_in(find(port, in->dst_port, false), in, data, len);
    return heard || taken;
}

static void deliver(struct port_udp *udp)
{
    struct port_udp_in in[PORT_UDP_BATCH];
    struct fake_queue batch = {0};
    while (batch.count < PORT_UDP_BATCH && udp->in.first != NULL) {
        struct fake_packet *packet = fake_queue_get(&udp->in);
        const struct fake_datagram *d = &packet->datagram;
        in[batch.count] = (struct port_udp_in){.udp = udp,
                                               .src_mac = d->to_mac ? &packet->datagram.mac : NULL,
                                               .src = d->src,
                                               .dst = d->dst,
                                               .src_port = d->src_port,
                                               .data = d->data,
                                               .len = d->len};
        fake_queue_put(&batch, packet);
    }
    if (batch.count > 0 && !udp->closed)
        udp->fn(udp->ctx, udp, in, batch.count);
    fake_queue_clear(&batch);
}

void fake_udp_turn(struct port *port)
{
    for (struct port_udp *udp = port->udps; udp != NULL; udp = udp->next)
        deliver(udp);
}

bool fake_udp_waiting(const struct port *port)
{
    for (const struct port_udp *udp = port->udps; udp != NULL; udp = udp->next)
        if (!udp->closed && udp->in.count > 0)
            return true;
    return false;
}

bool fake_udp_take(struct port *port, struct fake_datagram *out)
{
    struct fake_packet *packet = fake_queue_get(&port->udp_out);
    if (packet == NULL)
        return false;
    *out = packet->datagram;
    fake_keep(&port->udp_kept, packet);
    return true;
}

size_t fake_udp_pending(const struct port *port)
{
    return port->udp_out.count;
}

void fake_udp_lose(struct port *port, size_t n)
{
    port->udp_lose = n;
}

bool fake_udp_is_open(const struct port *port, uint16_t number)
{
    return find(port, number, false) != NULL;
}

void fake_udp_forget(struct port *port)
{
    while (port->udps != NULL) {
        struct port_udp *udp = port->udps;
        port->udps = udp->next;
        fake_queue_clear(&udp->in);
        free(udp);
    }
    fake_queue_clear(&port->udp_out);
    fake_queue_clear(&port->udp_kept);
}
