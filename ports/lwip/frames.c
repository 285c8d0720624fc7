/* frames.c - Ethernet frames of one type, for those who listen. */
#include "ports/lwip/internal.h"

#include <stdlib.h>

struct port_frames {
    struct port *port;
    uint16_t type;
    port_frame_fn *fn;
    void *ctx;
    bool closed; /* within a callback: freed after the frame */
    struct port_frames *next;
};

int port_frames_open(struct port *port, uint16_t ethertype, port_frame_fn *fn, void *ctx, struct port_frames **out)
{
    int error = interface_needed(port);
    if (error != 0)
        return error;
    struct port_frames *frames = calloc(1, sizeof *frames);
    if (frames == NULL)
        return fail(port, PORT_E_FULL, "no memory for frames of type 0x%04x", ethertype);
    *frames = (struct port_frames){.port = port, .type = ethertype, .fn = fn, .ctx = ctx, .next = port->frames};
    port->frames = frames;
    *out = frames;
    return 0;
}

static void drop_closed(struct port *port)
{
    for (struct port_frames **at = &port->frames; *at != NULL;) {
        struct port_frames *frames = *at;
        if (frames->closed) {
            *at = frames->next;
            free(frames);
        } else {
            at = &frames->next;
        }
    }
}

void frames_input(struct port *port, uint16_t type, const uint8_t *frame, size_t len)
{
    bool closed = false;
    for (struct port_frames *frames = port->frames; frames != NULL; frames = frames->next) {
        if (!frames->closed && frames->type == type)
            frames->fn(frames->ctx, frame, len);
        closed |= frames->closed;
    }
    if (closed)
        drop_closed(port);
}

void port_frames_send(struct port_frames *frames, const void *frame, size_t len)
{
    interface_send_frame(frames->port, frame, len);
}

void port_frames_close(struct port_frames *frames)
{
    frames->closed = true;
    if (!frames->port->running)
        drop_closed(frames->port);
}

void frames_stop(struct port *port)
{
    for (struct port_frames *frames = port->frames; frames != NULL; frames = frames->next)
        frames->closed = true;
    drop_closed(port);
}
