/* mqtt.h - as much of MQTT 3.1.1 (OASIS Standard, 29 October 2014) as a box needs to tell of itself: packets to a
 * broker are written into the caller's buffer, what the broker says is read byte by byte. No sockets, no clock, no
 * heap.
 *
 * Everything is published with QoS 0: who connects again publishes all of it again, so nothing is lost that counts.
 * Numbers in brackets are sections of the standard.
 */
#ifndef STAGEBOX_NET_MQTT_MQTT_H
#define STAGEBOX_NET_MQTT_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MQTT_PORT 1883
#define MQTT_HEAD_MAX 256 /* bytes of a topic and what stands before it that are looked at */

/* -- packets for the broker: each gives its length, 0 where `cap` is too small or a text longer than 65535 bytes --
 */

struct mqtt_connect {
    const char *client_id;
    const char *user, *password; /* NULL: none; a password without a user is not allowed [3.1.2.9] */
    const char *will_topic;      /* what the broker publishes, retained, when the connection breaks */
    const char *will;
    uint16_t keep_alive_s; /* the broker gives up after one and a half times that without a packet [3.1.2.10] */
};
/* Asks for a clean session. */
size_t mqtt_put_connect(uint8_t *buf, size_t cap, const struct mqtt_connect *connect);
/* `len` 0 with `retain`: the topic's retained message is taken away [3.3.1.3]. */
size_t mqtt_put_publish(uint8_t *buf, size_t cap, const char *topic, const void *payload, size_t len, bool retain);
/* One filter with QoS 0. `id` is not 0. */
size_t mqtt_put_subscribe(uint8_t *buf, size_t cap, uint16_t id, const char *filter);
size_t mqtt_put_unsubscribe(uint8_t *buf, size_t cap, uint16_t id, const char *filter);
size_t mqtt_put_ping(uint8_t *buf, size_t cap);
size_t mqtt_put_disconnect(uint8_t *buf, size_t cap);

/* -- what the broker says ------------------------------------------------------------------------------------- */

enum mqtt_event {
    MQTT_MORE,     /* all bytes were taken, no packet has ended */
    MQTT_ACCEPTED, /* CONNACK: connected */
    MQTT_REFUSED,  /* CONNACK: `code` says why */
    MQTT_PONG,
    MQTT_MESSAGE, /* `topic`, and whether its payload is empty */
    MQTT_OTHER,   /* a packet that says nothing of interest */
    MQTT_BAD,     /* no MQTT: hang up. Sticks */
};

struct mqtt_reader {
    uint8_t code;      /* of MQTT_REFUSED [3.2.2.3] */
    const char *topic; /* of MQTT_MESSAGE, until the next byte is read; "" where it is too long */
    bool empty;        /* its payload */
    uint8_t type;      /* the reader's own, as all that follows */
    unsigned state;
    uint32_t size, got; /* bytes behind the fixed header, and how many of them came */
    uint8_t head[MQTT_HEAD_MAX + 1];
};
void mqtt_reader_init(struct mqtt_reader *reader);
/* Reads until a packet ends or the bytes do; *used says how many were taken. */
enum mqtt_event mqtt_read(struct mqtt_reader *reader, const uint8_t *in, size_t len, size_t *used);
/* Why a broker refused, in words. */
const char *mqtt_refusal_text(uint8_t code);

#endif
