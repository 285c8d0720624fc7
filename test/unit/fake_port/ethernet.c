/* ethernet.c - the fake interface, neighbour table and frames. */
#include "test/unit/fake_port/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_interface(struct port *port, const struct port_interface *interface)
{
    ip4 address = port->interface.address;
    unsigned prefix = port->interface.prefix;
    port->interface = *interface;
    port->interface.address = address;
    port->interface.prefix = prefix;
}

int port_interface_open(struct port *port, const char *name, ip4 address, unsigned prefix)
{
    int error = fake_planned(port, FAKE_INTERFACE_OPEN);
    if (error != 0)
        return error;
    if (strcmp(name, port->interface.name) != 0) {
        char sentence[200];
        snprintf(sentence, sizeof sentence, "there is no interface %s, there is %s", name, port->interface.name);
        return fake_error(port, PORT_E_NOENT, sentence);
    }
    port->interface.address = address;
    port->interface.prefix = prefix;
    return 0;
}

void port_interface_get(const struct port *port, struct port_interface *out)
{
    *out = port->interface;
}

static size_t find_neighbour(const struct port *port, ip4 address)
{
    size_t at = 0;
    while (at < port->neighbour_count && port->neighbours[at].address != address)
        at++;
    return at;
}

void fake_neighbour(struct port *port, ip4 address, const struct mac *mac)
{
    size_t at = find_neighbour(port, address);
    if (mac == NULL) {
        if (at < port->neighbour_count)
            port->neighbours[at] = port->neighbours[--port->neighbour_count];
        return;
    }
    fake_check(at < FAKE_NEIGHBOURS, "too many neighbours");
    port->neighbours[at] = (struct fake_neighbour_entry){address, *mac};
    if (at == port->neighbour_count)
        port->neighbour_count++;
}

bool port_neighbour(struct port *port, ip4 address, struct mac *out)
{
    size_t at = find_neighbour(port, address);
    if (at == port->neighbour_count)
        return false;
    *out = port->neighbours[at].mac;
    return true;
}

int port_frames_open(struct port *port, uint16_t ethertype, port_frame_fn *fn, void *ctx, struct port_frames **out)
{
    int error = fake_planned(port, FAKE_FRAMES_OPEN);
    if (error != 0)
        return error;
    struct port_frames *frames = fake_alloc(sizeof *frames);
    *frames = (struct port_frames){port->frames, port, ethertype, false, fn, ctx, {0}};
    port->frames = frames;
    *out = frames;
    return 0;
}

void port_frames_send(struct port_frames *frames, const void *frame, size_t len)
{
    fake_check(!frames->closed, "port_frames_send() on closed frames");
    fake_check(len >= 14, "a frame without its header");
    struct fake_packet *packet = fake_packet_new(frame, len, NULL, 0);
    packet->datagram.seq = ++frames->port->seq;
    fake_queue_put(&frames->port->frames_out, packet);
}

void port_frames_close(struct port_frames *frames)
{
    fake_check(!frames->closed, "port_frames_close() twice");
    frames->closed = true;
}

bool fake_frame_in(struct port *port, const void *frame, size_t len)
{
    fake_check(len >= 14, "a frame without its header");
    const uint8_t *bytes = frame;
    unsigned ethertype = (unsigned)bytes[12] << 8 | bytes[13];
    if (ethertype < 1536)
        ethertype = 4;
    bool taken = false;
    for (struct port_frames *frames = port->frames; frames != NULL; frames = frames->next) {
        if (frames->closed || frames->ethertype != ethertype)
            continue;
        fake_queue_put(&frames->in, fake_packet_new(frame, len, NULL, 0));
        taken = true;
    }
    return taken;
}

void fake_frames_turn(struct port *port)
{
    for (struct port_frames *frames = port->frames; frames != NULL; frames = frames->next) {
        struct fake_queue batch = frames->in;
        frames->in = (struct fake_queue){0};
        for (struct fake_packet *packet = batch.first; packet != NULL; packet = packet->next)
            if (!frames->closed)
                frames->fn(frames->ctx, packet->datagram.data, packet->datagram.len);
        fake_queue_clear(&batch);
    }
}

bool fake_frames_waiting(const struct port *port)
{
    for (const struct port_frames *frames = port->frames; frames != NULL; frames = frames->next)
        if (!frames->closed && frames->in.count > 0)
            return true;
    return false;
}

bool fake_frame_take(struct port *port, const uint8_t **frame, size_t *len)
{
    struct fake_packet *packet = fake_queue_get(&port->frames_out);
    if (packet == NULL)
        return false;
    *frame = packet->datagram.data;
    *len = packet->datagram.len;
    fake_keep(&port->frames_kept, packet);
    return true;
}

void fake_frames_forget(struct port *port)
{
    while (port->frames != NULL) {
        struct port_frames *frames = port->frames;
        port->frames = frames->next;
        fake_queue_clear(&frames->in);
        free(frames);
    }
    fake_queue_clear(&port->frames_out);
    fake_queue_clear(&port->frames_kept);
}
